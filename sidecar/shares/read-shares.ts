import { RejoinError } from '../../shared/errors.ts';
import type { SharedCopyRequest, SharedPage } from '../../shared/chat/shares.ts';
import type { Chats } from '../chats/chats.ts';
import type { Lane } from '../chats/lane.ts';
import { unpackText } from '../store/chats/message-codec.ts';
import { OPENS_WINDOW_MS, type ShareStore, type StoredShare } from '../store/shares/share-store.ts';
import type { StreamStore } from '../store/streams/stream-store.ts';
import type { Telemetry } from '../telemetry/telemetry.ts';
import { readChat } from './read-chat.ts';
import { digestOf, settingsOf } from './share-settings.ts';
import { shareIdOf, type ShareLimits } from './shares.ts';
import { shownPage, type FrozenPage } from './shown-message.ts';

/** Who opens a page. `address`: the keyed hash of their network address; `null` if the token of the request has none. */
export interface Opener {
  userId: string;
  address: string | null;
}

/**
 * Public pages, for people who know only the URL. A page ends when it is revoked, when it expires, or when its chat is deleted.
 * All calls but `settingsOf` throw `not_found` for a page that has ended.
 */
export interface ShareReading {
  /** What the page shows. `counts`: true if this call is counted as a read. Throws `rate_limited`. */
  open(opener: Opener, secret: string, options: { counts: boolean }): Promise<SharedPage>;
  /**
   * What the page shows. Throws `role_required` if the page may not be copied, and `rate_limited`. Throws `share_changed` if the
   * messages on the page have changed, so that the page's tag is no longer `request.tag`.
   */
  forCopy(
    opener: Opener,
    request: Pick<SharedCopyRequest, 'secret' | 'tag'>,
  ): Promise<{ shareId: string; page: SharedPage }>;
  /**
   * The live page on which this stream can be followed. Throws `share_changed` if `settings` is given and is not the digest of the
   * page's settings (share-settings.ts).
   */
  live(secret: string, streamId: string, settings: string | undefined): Promise<StoredShare>;
  /** The digest of the page's current settings (share-settings.ts); `null` if the page has ended. */
  settingsOf(shareId: string): Promise<string | null>;
}

export function createShareReading({
  store,
  streams,
  chats,
  limits,
  lane,
  telemetry,
}: {
  store: ShareStore;
  streams: Pick<StreamStore, 'meta'>;
  chats: Pick<Chats, 'get'>;
  limits: ShareLimits;
  /** Runs large reads, only a few at a time, so that they do not delay the streams of other people. */
  lane: Lane;
  telemetry: Pick<Telemetry, 'shareOpened'>;
}): ShareReading {
  async function find(secret: string): Promise<StoredShare> {
    const share = limits.setting === 'off' ? null : await store.get(shareIdOf(secret));
    if (share === null) throw new RejoinError('not_found');
    return share;
  }

  async function admit({ userId, address }: Opener): Promise<void> {
    if (limits.opensPerMinute === 0) return;
    if ((await store.countOpen(address ?? userId)) <= limits.opensPerMinute) return;
    throw new RejoinError('rate_limited', {
      detail: `At most ${limits.opensPerMinute} public pages can be opened per minute. Please wait.`,
      retryAfterSeconds: OPENS_WINDOW_MS / 1000,
      rateLimit: { limit: limits.opensPerMinute, windowSeconds: OPENS_WINDOW_MS / 1000 },
    });
  }

  async function read(share: StoredShare): Promise<SharedPage> {
    const { mode, shows, title, createdAt, updatedAt, revision } = share;
    const head = { ...shows, mode, createdAt, updatedAt };
    if (mode === 'snapshot') {
      const packed = await store.page(share);
      if (packed === null) throw new RejoinError('share_changed');
      const frozen = JSON.parse((await lane.run(() => unpackText(packed))).toString()) as FrozenPage;
      return { ...head, ...titled(shownPage(frozen, shows), title), tag: `${revision}`, stream: null };
    }
    const { page, stream } = await readChat(chats, {
      ownerId: share.ownerId,
      chatId: share.chatId,
      leaf: share.leaf,
      withVersions: shows.versions,
      maxBytes: limits.bytes,
      beyond: 'cut',
    });
    const last = page.messages.at(-1)?.id ?? '';
    return {
      ...head,
      ...titled(shownPage(page, shows), title),
      tag: tagOf(last),
      stream: stream && {
        streamId: stream.streamId,
        messageId: stream.messageId,
        tag: tagOf(stream.messageId),
        settings: settingsOf(share),
      },
    };
  }

  /** Tries again if the next revision of a snapshot was made between two steps of reading the page. */
  async function openPage(secret: string): Promise<{ share: StoredShare; page: SharedPage }> {
    for (let tries = 1; ; tries++) {
      const share = await find(secret);
      const page = await read(share).catch((error: unknown) => {
        if (tries < MAX_TRIES && error instanceof RejoinError && error.code === 'share_changed') return null;
        throw error;
      });
      if (page !== null) return { share, page };
    }
  }

  return {
    async open(opener, secret, { counts }) {
      await admit(opener);
      const { share, page } = await openPage(secret);
      if (counts) {
        telemetry.shareOpened(share.mode);
        await store.countRead(share.shareId).catch(() => {
          /* the page is shown anyway */
        });
      }
      return page;
    },

    async forCopy(opener, { secret, tag }) {
      await admit(opener);
      const { share, page } = await openPage(secret);
      if (!page.copy)
        throw new RejoinError('role_required', { detail: 'The owner of this page does not allow copies of it.' });
      if (page.tag !== tag) throw new RejoinError('share_changed');
      return { shareId: share.shareId, page };
    },

    async live(secret, streamId, settings) {
      const share = await find(secret);
      const meta = share.mode === 'live' ? await streams.meta(streamId) : null;
      if (meta?.userId !== share.ownerId || meta.chatId !== share.chatId) throw new RejoinError('not_found');
      if (settings !== undefined && settings !== settingsOf(share)) throw new RejoinError('share_changed');
      return share;
    },

    async settingsOf(shareId) {
      const share = await store.get(shareId);
      return share && settingsOf(share);
    },
  };
}

const MAX_TRIES = 3;

const titled = (page: FrozenPage, title: string | null): FrozenPage => (title === null ? page : { ...page, title });

/** The messages of a chat never change, so the id of the last one identifies all messages that a live page shows. */
const tagOf = (messageId: string): string => digestOf(messageId);
