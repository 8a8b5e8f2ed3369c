import { RejoinError } from '../../shared/errors.ts';
import { TEMPORARY_MS } from '../store/chats/chat-store.ts';
import type { Subject } from '../store/counts/admission-store.ts';
import type { Holding, UsageStore } from '../store/counts/usage-store.ts';

export interface QuotaLimits {
  /** Maximum number of bytes of one person's chats, streams, templates and public pages together; 0: no limit. */
  bytesPerUser: number;
  /** 0: any number. */
  chatsPerUser: number;
  /** All guests at one network address together have the quota of this many persons; 0: addresses are not limited. */
  guestsPerAddress: number;
}

export interface Owner {
  userId: string;
  /** A guest's network address as a keyed hash; `null` for other users. */
  address: string | null;
}

export interface Stored extends Owner {
  chatId: string;
  chatBytes: number;
  /** Left out if only the size of the chat changes. */
  streamId?: string;
  streamBytes?: number;
  /** True if the chat is temporary, so that it expires after a day. */
  temporary?: boolean;
  /** True if the stream is queued. It then counts for as long as the chat is kept, because it may wait that long. */
  waits?: boolean;
}

export interface TemplateSize {
  id: string;
  /** All its versions together. */
  bytes: number;
}

export interface ShareSize {
  shareId: string;
  /** Size of the snapshot that is stored for the page. */
  bytes: number;
  ttlMs: number;
}

/** Limits how much one person stores. A person who stores too much is refused; others are not affected. */
export interface Quota {
  /**
   * Reserves space, for example for a start. Throws `quota_exceeded` or `too_many_chats`. When this throws, a part of the space
   * may already be reserved. So the caller gives that part back with `release`, or records the old sizes with `settled`.
   */
  reserve(stored: Stored): Promise<void>;
  /** The subjects for which the bytes of this owner are counted: the person and, for a guest, the network address. */
  subjectsOf(owner: Owner): Subject[];
  /** Records the stored sizes, for example once an answer has ended. Never refuses, because the bytes are stored already. */
  settled(stored: Stored): Promise<void>;
  /**
   * Reserves space for templates of these sizes. If this throws, or if the templates cannot be stored, the caller must call
   * `recordTemplates` with the sizes that are stored.
   */
  reserveTemplates(owner: Owner, templates: readonly TemplateSize[]): Promise<void>;
  /** Records the stored sizes of templates. 0: the template is gone. */
  recordTemplates(owner: Owner, templates: readonly TemplateSize[]): Promise<void>;
  /**
   * Reserves space for a public page. If this throws, or if the page cannot be stored, the caller must call `recordShares` with
   * the size that is stored.
   */
  reserveShare(owner: Owner, share: ShareSize): Promise<void>;
  /** Records the stored sizes of public pages. 0: the page is gone. */
  recordShares(owner: Owner, shares: readonly ShareSize[]): Promise<void>;
  /** The streams of a person, running or ended, that have not expired. */
  streamsOf(userId: string): Promise<string[]>;
  /** Records that a chat and streams are gone. */
  release(whose: {
    userId: string;
    address: string | null;
    chatId?: string;
    streamIds: readonly string[];
  }): Promise<void>;
}

export function createQuota({
  usage,
  limits,
  roomBytes = () => null,
  ttlMs,
  chatTtlMs,
}: {
  usage: UsageStore;
  limits: QuotaLimits;
  /**
   * How many more bytes Redis can store; `null`: not known, or Redis has no limit. If `bytesPerUser` is larger than this number,
   * the number is the limit instead (but at least {@link MIN_BYTES}). So as Redis fills up, the people who store the most are
   * refused first, and others can still store something.
   */
  roomBytes?: () => number | null;
  ttlMs: number;
  chatTtlMs: number;
}): Quota {
  const { bytesPerUser, chatsPerUser, guestsPerAddress } = limits;
  const addressBytes = bytesPerUser * guestsPerAddress;

  function holdingsOf({ userId, chatId, streamId, chatBytes, streamBytes = 0, temporary, waits }: Stored): Holding[] {
    const chatLivesMs = temporary ? Math.min(TEMPORARY_MS, chatTtlMs) : chatTtlMs;
    const chat = { member: chatMember(userId, chatId), bytes: Math.max(1, chatBytes), ttlMs: chatLivesMs };
    if (streamId === undefined) return [chat];
    return [chat, { member: streamMember(streamId), bytes: streamBytes, ttlMs: waits ? chatLivesMs : ttlMs }];
  }
  const templatesOf = ({ userId }: Owner, templates: readonly TemplateSize[]): Holding[] =>
    templates.map(({ id, bytes }) => ({ member: templateMember(userId, id), bytes, ttlMs: chatTtlMs }));

  const sharesOf = ({ userId }: Owner, shares: readonly ShareSize[]): Holding[] =>
    shares.map(({ shareId, bytes, ttlMs: livesMs }) => ({
      member: shareMember(userId, shareId),
      bytes,
      ttlMs: livesMs,
    }));

  const countsAt = (address: string | null): address is string => address !== null && guestsPerAddress > 0;
  const subjectsOf = ({ userId, address }: Owner): Subject[] => [
    { userId },
    ...(countsAt(address) ? [{ address }] : []),
  ];

  async function reserveAll({ userId, address }: Owner, holdings: readonly Holding[]): Promise<void> {
    const room = roomBytes();
    const maxBytes = within(bytesPerUser, room);
    const maxShared = within(addressBytes, room);
    // Both requests are sent at the same time, which saves a round trip.
    const [own, shared] = await Promise.all([
      usage.hold({ subject: { userId }, holdings, maxBytes, maxChats: chatsPerUser }),
      countsAt(address) ? usage.hold({ subject: { address }, holdings, maxBytes: maxShared, maxChats: 0 }) : null,
    ]);
    if (own.what === 'full') throw exceeded(own.bytes, maxBytes, 'You have');
    if (own.what === 'tooManyChats') {
      throw new RejoinError('too_many_chats', {
        detail: `You have ${chatsPerUser} chats, the maximum. Delete some of them and try again.`,
      });
    }
    if (shared === null || shared.what === 'held') return;
    throw exceeded(shared.bytes, maxShared, 'All guests at your network address together have');
  }

  async function recordAll({ userId, address }: Owner, holdings: readonly Holding[]): Promise<void> {
    await Promise.all(
      subjectsOf({ userId, address }).map((subject) => usage.hold({ subject, holdings, maxBytes: 0, maxChats: 0 })),
    );
  }

  return {
    subjectsOf,
    reserve: (stored) => reserveAll(stored, holdingsOf(stored)),
    settled: (stored) => recordAll(stored, holdingsOf(stored)),
    reserveTemplates: (owner, templates) => reserveAll(owner, templatesOf(owner, templates)),
    recordTemplates: (owner, templates) => recordAll(owner, templatesOf(owner, templates)),

    reserveShare: (owner, share) => reserveAll(owner, sharesOf(owner, [share])),
    recordShares: (owner, shares) => recordAll(owner, sharesOf(owner, shares)),

    async streamsOf(userId) {
      const members = await usage.members({ userId });
      return members.filter((member) => member.startsWith('s')).map((member) => member.slice(1));
    },

    async release({ userId, address, chatId, streamIds }) {
      const chat = chatId === undefined ? [] : [chatMember(userId, chatId)];
      const members = [...chat, ...streamIds.map(streamMember)];
      await usage.release({ userId }, members);
      if (address !== null) await usage.release({ address }, members);
    },
  };
}

/** The limit, lowered to the number of bytes that Redis can still store. A limit of 0 means that there is no limit. */
const within = (limit: number, room: number | null): number =>
  limit === 0 || room === null ? limit : Math.max(MIN_BYTES, Math.min(limit, room));

/** Everybody may store this much, however full Redis is. Redis itself refuses writes that do not fit. */
const MIN_BYTES = 64 * 1024;

const chatMember = (userId: string, chatId: string): string => `c${userId}:${chatId}`;
const streamMember = (streamId: string): string => `s${streamId}`;
const templateMember = (userId: string, id: string): string => `t${userId}:${id}`;

const shareMember = (userId: string, shareId: string): string => `p${userId}:${shareId}`;

function exceeded(bytes: number, maxBytes: number, who: string): RejoinError {
  const mebibytes = (count: number) => `${Math.round((count / 1024 / 1024) * 10) / 10} MiB`;
  return new RejoinError('quota_exceeded', {
    detail:
      `${who} stored ${mebibytes(bytes)} of ${mebibytes(maxBytes)}. Delete chats, templates or public pages that are no longer ` +
      'needed, or wait until answers that ended a short time ago have expired.',
    extra: { bytes, maxBytes },
  });
}
