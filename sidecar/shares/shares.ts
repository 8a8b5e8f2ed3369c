import { createHash, randomBytes } from 'node:crypto';
import { RejoinError } from '../../shared/errors.ts';
import { optionsOf, SHARE_OPTIONS } from '../../shared/chat/share-options.ts';
import type { ParsedShareRequest, Share, ShareAnswer, SharePatch, SharesSetting } from '../../shared/chat/shares.ts';
import type { Chats } from '../chats/chats.ts';
import type { Owner, Quota } from '../limits/quota.ts';
import type { ChatStore } from '../store/chats/chat-store.ts';
import { packText } from '../store/chats/message-codec.ts';
import type { ShareDefinition, ShareStore, StoredShare } from '../store/shares/share-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { readChat } from './read-chat.ts';
import { shareable, type FrozenPage } from './shown-message.ts';
import { settingsOf } from './share-settings.ts';
import type { ShareEnds } from './share-ends.ts';

export interface ShareLimits {
  setting: SharesSetting;
  /** Maximum number of pages of one person; 0: any number. */
  perUser: number;
  /** Maximum size of a page as JSON, in bytes; 0: any size. */
  bytes: number;
  /**
   * Maximum number of pages opened in a minute from one network address, or by one person whose network address is not known;
   * 0: no limit.
   */
  opensPerMinute: number;
}

/** The public pages of a person. All calls throw `not_found` for pages of others. */
export interface Shares {
  create(owner: Owner, chatId: string, request: ParsedShareRequest): Promise<ShareAnswer>;
  list(ownerId: string): Promise<Share[]>;
  ofChat(ownerId: string, chatId: string): Promise<Share[]>;
  get(ownerId: string, shareId: string): Promise<Share>;
  patch(owner: Owner, shareId: string, patch: SharePatch): Promise<Share>;
  revoke(owner: Owner, shareId: string): Promise<void>;
  revokeAll(owner: Owner): Promise<void>;
  revokeOfChat(owner: Owner, chatId: string): Promise<void>;
}

/** The path through a chat that a page shows. */
interface Where {
  ownerId: string;
  chatId: string;
  leaf: string | null;
}

/** How many times a change is tried if another change of the page comes in between. */
const MAX_TRIES = 5;

export const shareIdOf = (secret: string): string => createHash('sha256').update(secret).digest('base64url');

export function createShares({
  store,
  ends,
  chats,
  chatStore,
  quota,
  limits,
  telemetry,
}: {
  store: ShareStore;
  ends: ShareEnds;
  chats: Pick<Chats, 'get'>;
  chatStore: Pick<ChatStore, 'head' | 'outline'>;
  quota: Pick<Quota, 'reserveShare' | 'recordShares'>;
  limits: ShareLimits;
  telemetry: Pick<Telemetry, 'shareMade'>;
}): Shares {
  /** `shareId`: the id of the page, or the secret in its URL. */
  async function find(ownerId: string, shareId: string): Promise<StoredShare> {
    const share = (await store.get(shareId)) ?? (await store.get(shareIdOf(shareId)));
    if (share?.ownerId !== ownerId) throw new RejoinError('not_found');
    return share;
  }

  async function assertChat(ownerId: string, chatId: string): Promise<void> {
    if ((await chatStore.head(ownerId, chatId)) === null) throw new RejoinError('not_found');
  }

  /**
   * Throws `not_found` if the chat has no message with the id `leaf`. Without this check, the page would show the path to the newest
   * message instead.
   */
  async function assertLeaf({ ownerId, chatId, leaf }: Where): Promise<void> {
    const outline = await chatStore.outline(ownerId, chatId, leaf === null ? [] : [leaf]);
    if (outline === null) throw new RejoinError('not_found');
    if (leaf === null || outline.places.has(leaf)) return;
    // An answer that is being written is not among the messages of the chat yet.
    const { stream } = await chats.get(ownerId, chatId, { limit: 1 });
    if (stream?.messageId !== leaf) throw new RejoinError('not_found');
  }

  /** The content of a snapshot, packed. If the last answer is still being written, the snapshot has the part that exists now. */
  async function freeze(where: Where & { withVersions: boolean }) {
    const { page, stream } = await readChat(chats, { ...where, maxBytes: limits.bytes, beyond: 'refuse' });
    const messages = stream === null ? page.messages : [...page.messages, partial(stream)];
    const json = Buffer.from(JSON.stringify({ ...page, messages } satisfies FrozenPage));
    return packText(json);
  }

  /** Records in the owner's quota how many bytes are stored for the page. */
  async function recount(owner: Owner, shareId: string): Promise<void> {
    try {
      const share = await store.get(shareId);
      const size = { shareId, bytes: share?.bytes ?? 0, ttlMs: (share?.expiresAtMs ?? 0) - Date.now() };
      await quota.recordShares(owner, [size]);
    } catch {
      /* the earlier record stays until it expires */
    }
  }

  /**
   * Reserves space in the owner's quota for a snapshot, and stores the snapshot. Then records the bytes that are stored, also if
   * storing failed.
   */
  async function storePage<Stored>(
    owner: Owner,
    { shareId, page, ttlMs }: { shareId: string; page: Buffer; ttlMs: number },
    write: () => Promise<Stored>,
  ): Promise<Stored> {
    try {
      await quota.reserveShare(owner, { shareId, bytes: page.length, ttlMs });
      return await write();
    } finally {
      await recount(owner, shareId);
    }
  }

  async function create(owner: Owner, chatId: string, request: ParsedShareRequest): Promise<ShareAnswer> {
    if (limits.setting === 'off')
      throw new RejoinError('shares_off', { detail: 'The administrator of this server has set SHARES=off.' });
    const secret = randomBytes(32).toString('base64url');
    const shareId = shareIdOf(secret);
    const { mode, leaf, title: asked = null, expiresIn, ...ticked } = request;
    const title = typeof asked === 'string' ? asked : null;
    const choices = typeof asked === 'boolean' ? { showTitleInPreview: asked, ...ticked } : ticked;
    const shows = optionsOf(choices);
    const expiresInMs = expiresIn * 1000;
    const where = { ownerId: owner.userId, chatId, leaf };
    await assertLeaf(where);
    const page = mode === 'live' ? null : await freeze({ ...where, withVersions: shows.versions });
    const now = new Date().toISOString();
    const bytes = page?.length ?? 0;
    const definition = { mode, leaf, revision: 1, title, createdAt: now, updatedAt: now, bytes, shows };
    const write = () =>
      store.create(
        { shareId, ownerId: owner.userId, chatId, definition, expiresInMs, page },
        { maxShares: limits.perUser },
      );
    const created =
      page === null ? await write() : await storePage(owner, { shareId, page, ttlMs: expiresInMs }, write);
    if (typeof created !== 'string') {
      telemetry.shareMade(mode);
      return { ...toShare(created), secret };
    }
    await ends.forget(owner, [shareId]);
    if (created === 'absent') throw new RejoinError('not_found');
    throw new RejoinError('too_many_shares', {
      detail: `You have ${limits.perUser} public pages, the maximum. Revoke some of them and try again.`,
    });
  }

  async function change(owner: Owner, share: StoredShare, patch: SharePatch): Promise<StoredShare | 'changed'> {
    const { expiresIn, title = share.title, update, leaf, ...choices } = patch;
    const isFrozenAnew = update === true && share.mode === 'snapshot';
    const given = Object.fromEntries(Object.entries(choices).filter(([, value]) => value !== undefined));
    const definition: ShareDefinition = {
      mode: share.mode,
      leaf: leaf !== undefined ? leaf : share.leaf,
      revision: share.revision,
      title,
      createdAt: share.createdAt,
      updatedAt: share.updatedAt,
      bytes: share.bytes,
      shows: optionsOf({ ...share.shows, ...given }),
    };
    const expiry = expiresIn === undefined ? {} : { expiresInMs: expiresIn * 1000 };
    const { chatId, shareId } = share;
    const where = { ownerId: owner.userId, chatId, leaf: definition.leaf };
    if (!isFrozenAnew) {
      if (share.mode === 'live' && leaf != null) await assertLeaf(where);
      const stays = share.mode === 'snapshot' ? { leaf: share.leaf } : {};
      const changed = await store.change(share, { definition: { ...definition, ...stays }, ...expiry });
      if (expiresIn !== undefined && share.bytes > 0) await recount(owner, shareId);
      return changed;
    }
    await assertLeaf(where);
    const page = await freeze({ ...where, withVersions: definition.shows.versions });
    const ttlMs = expiry.expiresInMs ?? share.expiresAtMs - Date.now();
    const next = {
      ...definition,
      revision: share.revision + 1,
      updatedAt: new Date().toISOString(),
      bytes: page.length,
    };
    return storePage(owner, { shareId, page, ttlMs }, () => store.change(share, { definition: next, ...expiry, page }));
  }

  async function sharesAmong(ids: readonly string[]): Promise<StoredShare[]> {
    const found = await Promise.all(ids.map((shareId) => store.get(shareId)));
    return found
      .filter((share) => share !== null)
      .sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0));
  }

  return {
    create,
    list: async (ownerId) => (await sharesAmong(await store.ofUser(ownerId))).map(toShare),
    async ofChat(ownerId, chatId) {
      await assertChat(ownerId, chatId);
      return (await sharesAmong(await store.ofChat(ownerId, chatId))).map(toShare);
    },
    get: async (ownerId, shareId) => toShare(await find(ownerId, shareId)),

    async patch(owner, shareId, patch) {
      for (let tries = 0; tries < MAX_TRIES; tries++) {
        const before = await find(owner.userId, shareId);
        const changed = await change(owner, before, patch);
        if (changed === 'changed') continue;
        if (settingsOf(before) !== settingsOf(changed)) await ends.cutReaders(changed.shareId);
        return toShare(changed);
      }
      throw new RejoinError('share_changed');
    },

    async revoke(owner, shareId) {
      await ends.end(owner, [await find(owner.userId, shareId)]);
    },
    async revokeAll(owner) {
      const ids = await store.ofUser(owner.userId);
      await ends.end(owner, await sharesAmong(ids));
      await ends.forget(owner, ids);
    },
    async revokeOfChat(owner, chatId) {
      await assertChat(owner.userId, chatId);
      await ends.end(owner, await sharesAmong(await store.ofChat(owner.userId, chatId)));
    },
  };
}

/** The answer so far, as a message whose end is missing. */
function partial(stream: NonNullable<Awaited<ReturnType<Chats['get']>>['stream']>) {
  const { message, parentId, startTime, modelId } = stream;
  return shareable({ ...message, parentId, createdAt: startTime, modelId, status: 'partial' });
}

function toShare(share: StoredShare): Share {
  const { shareId, chatId, mode, leaf, revision, createdAt, updatedAt, reads, lastReadAt, shows } = share;
  return {
    shareId,
    chatId,
    mode,
    leaf,
    revision,
    title: share.title ?? share.chatTitle,
    createdAt,
    updatedAt,
    expiresAt: new Date(share.expiresAtMs).toISOString(),
    reads,
    lastReadAt,
    ...(Object.fromEntries(SHARE_OPTIONS.map((name) => [name, shows[name]])) as typeof shows),
  };
}
