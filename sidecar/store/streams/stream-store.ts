import type { EventId } from '../../../shared/stream/event-id.ts';
import type { StreamOutcome, StreamStatus } from '../../../shared/stream/stream.ts';
import type { StreamError } from '../../../shared/stream/stream-errors.ts';

/** Facts about a stream that never change. */
export interface StreamFacts {
  userId: string;
  chatId: string;
  messageId: string;
  modelId: string;
  servedBy: string;
  /** The message that is being answered. It is the parent of the answer. */
  parentId: string;
  /** ISO 8601. Of a turn that waited: when it began. */
  startTime: string;
  /**
   * Tells a repeated start request from another one with the same ids. Empty for streams written by earlier versions.
   */
  fingerprint: string;
  /** Set if the stream began as a turn that waited. Its question became a message of the chat when the turn was chosen. */
  queued?: '1';
  /** The answer that this one continues. Set only for a turn that waited: other logs begin with the parts of that answer. */
  continueFrom?: string;
  /** Who asked, as JSON (`KeptAsker`). Set only in chats with a room. */
  by?: string;
}

/** `sealed`: the outcome is decided and the end is being written. */
export type MetaStatus = StreamStatus | 'sealed';

/** The log has no end yet: the stream waits for its turn, is being written, or its end is. */
export const isRunning = (status: MetaStatus): status is 'queued' | 'active' | 'sealed' =>
  status === 'queued' || status === 'active' || status === 'sealed';

/** The status as callers see it: until the end is stored, a sealed stream is still active for them. */
export const publicStatus = (status: MetaStatus): StreamStatus => (status === 'sealed' ? 'active' : status);

export interface StreamMeta extends StreamFacts {
  status: MetaStatus;
  outcome: StreamOutcome | null;
  epoch: string;
  /** Where the current attempt begins. */
  base: number;
  /** The length of the log at that moment. */
  length: number;
  /** SHA-256 of the whole log in hex, once it is closed. */
  sha256: string | null;
  error: StreamError | null;
  /** The process that has the lease, or had it last. Empty if everything is in one process. */
  owner: string;
  /** Milliseconds until the owner's lease expires; negative after that. */
  leaseLeftMs: number;
  /** Its owner exits, and another process is about to take it. */
  isHandedOver: boolean;
  lastActivity: string;
}

export interface NewStream {
  streamId: string;
  facts: StreamFacts;
  epoch: string;
  /** The state copy, JSON. */
  state: Buffer;
  /** The first frames, beginning with `start`. */
  frames: Buffer;
}

/** `unpointed`: nothing was created, because the chat does not point at it. */
export type CreateResult = 'created' | 'exists' | 'unpointed';

export interface Batch {
  streamId: string;
  epoch: string;
  /** Where it starts. */
  position: number;
  bytes: Buffer;
}

/** `elsewhere`: the log's length is not the position that the batch names; nothing was appended. */
export type AppendResult =
  { what: 'appended'; length: number } | { what: 'elsewhere'; length: number } | { what: 'fenced' } | { what: 'gone' };

export interface Page {
  /** False when the event id was not on the log: the bytes are from the base. */
  onLog: boolean;
  /** Where `bytes` begin. */
  position: number;
  bytes: Buffer;
  length: number;
  status: MetaStatus;
  epoch: string;
  base: number;
  leaseLeftMs: number;
  userId: string;
}

export type ClaimResult =
  | {
      what: 'claimed';
      epoch: string;
      length: number;
      base: number;
      lapses: number;
      barren: number;
      /** Its last owner gave it away: nobody was lost. */
      isHandover: boolean;
    }
  | { what: 'sealed'; forMs: number }
  /** It waits for its turn, or its turn has come and it has not begun. */
  | { what: 'queued' }
  | { what: 'ended'; status: StreamOutcome }
  | { what: 'leased'; leftMs: number }
  | { what: 'gone' };

export interface SealResult {
  /** This call decided the outcome. */
  won: boolean;
  status: MetaStatus;
  outcome: StreamOutcome;
  epoch: string;
  length: number;
  leaseLeftMs: number;
}

/** Bytes to be put into the state copy at an offset; 0 replaces the whole. */
export interface StatePatch {
  offset: number;
  bytes: Buffer;
}

export interface Close {
  streamId: string;
  /** The epoch of the seal, or of an owner that seals in the same call. */
  epoch: string;
  finalEpoch: string;
  /** Where the end begins. */
  position: number;
  frames: Buffer;
  outcome: StreamOutcome;
  error: StreamError | null;
  sha256: string;
  lastActivity: string;
  /** The patches for the state copy, and the length that it must have. */
  state: { length: number; patches: StatePatch[] };
}

/** `isPatched`: the state copy was as the caller had left it, and is up to date. */
export type CloseResult =
  | { what: 'closed'; length: number; isPatched: boolean }
  | { what: 'already' | 'fenced' | 'elsewhere' | 'gone'; length: number };

export interface Lease {
  streamId: string;
  epoch: string;
}

export interface Renewal extends Lease {
  /** When its model was last heard: ISO 8601. */
  lastActivity: string;
}

/** `unknown`: the Cluster node that has it did not answer. */
export type RenewResult =
  { what: 'renewed'; deadline: number } | { what: 'fenced' } | { what: 'gone' } | { what: 'unknown' };

/** The state of a followed stream. `null` if it is gone, `unknown` if its Cluster node did not answer. */
export type Look = { status: MetaStatus; length: number; base: number; leaseLeftMs: number } | null | 'unknown';

/** A message to every sidecar. `access`: somebody's role in this chat was taken away, or the chat is gone. */
export type Announcement =
  | { type: 'sealed'; streamId: string }
  | { type: 'released'; streamId: string }
  | { type: 'access'; ownerId: string; chatId: string }
  /** These public pages have ended. */
  | { type: 'shares'; shareIds: readonly string[] };

/**
 * The log and the truth about each stream. Every promise here is held by `stream-store.suite.ts`, run against Redis
 * and against the memory of one process.
 *
 * Calls reject with {@link StoreUnavailable} if the store does not answer in time. It is then not known whether they
 * took effect, so every call can be repeated safely.
 */
export interface StreamStore {
  /** False if all data is lost when this process exits. */
  readonly resumable: boolean;
  /** Maximum number of batches in one append. In a Cluster it is 1, because each stream is in another slot. */
  readonly batchesPerAppend: number;
  /**
   * Chats are on the same server: calls to both stores are executed in the order in which they are made, and
   * {@link StreamStore.create} can look at the chat.
   */
  readonly seesChats: boolean;
  /** The store was away a moment ago. During that time, missing data does not prove a loss. */
  wasAway(): boolean;
  /** The store was away and answers again. */
  onReturn(listener: () => void): void;

  /** Creates a stream and owns it, unless it exists already. `pointed`: only if its chat points at it. */
  create(stream: NewStream, only?: 'pointed'): Promise<CreateResult>;
  /** Creates a stream that waits for its turn, without an owner and with an empty log. False if it exists already. */
  wait(stream: Omit<NewStream, 'frames'>): Promise<boolean>;
  /** Begins a stream that waits, and owns it: `startTime` is now. False if it does not wait any more. */
  begin(stream: Omit<NewStream, 'facts'> & { startTime: string }): Promise<boolean>;
  /** Appends each batch only at the position it names. Answers in the order of the batches. */
  append(batches: readonly Batch[]): Promise<AppendResult[]>;
  /** A page of at most `maxBytes`: after an event id, from a known position, or from the base. */
  read(streamId: string, from: EventId | number | 'base', maxBytes: number): Promise<Page | 'gone' | 'deleted'>;
  meta(streamId: string): Promise<StreamMeta | null>;
  /** The state copy, JSON. */
  state(streamId: string): Promise<string | null>;

  /** Renews these leases, and stores when each stream's model was last heard. */
  renew(renewals: readonly Renewal[]): Promise<RenewResult[]>;
  release(lease: Lease): Promise<boolean>;
  claim(streamId: string, suffix: string): Promise<ClaimResult>;
  /** Begins the attempt again at `batch.position`, which becomes the base. */
  rebase(batch: Batch): Promise<AppendResult>;
  /**
   * Writes a lost log again under `epoch`. False if another process owns the stream, or if it has ended or was deleted.
   */
  rewrite(stream: NewStream, lostEpoch: string): Promise<boolean>;

  seal(
    streamId: string,
    seal: {
      suffix: string;
      outcome: StreamOutcome;
      error: StreamError | null;
      ownerEpoch?: string;
      /**
       * A member of the room who decides this. If the chat is on the same server, their role is checked in the same step:
       * throws `not_found` or `role_required`.
       */
      member?: { ownerId: string; chatId: string; userId: string };
    },
  ): Promise<SealResult | null>;
  close(close: Close): Promise<CloseResult>;
  checkpoint(streamId: string, epoch: string, length: number, patches: readonly StatePatch[]): Promise<boolean>;
  /** `idle`: does not remove a stream with a live owner. */
  remove(streamId: string, which: 'any' | 'idle'): Promise<'removed' | 'none' | 'owned'>;

  /** Reads the state of many streams, and registers this process for their notifications for a while. */
  look(streamIds: readonly string[]): Promise<Look[]>;
  /** Resolves once the subscription is confirmed. A notification may come without a change, and may be missed. */
  listen(streamId: string, onBell: () => void): Promise<() => void>;
  announce(announcement: Announcement): Promise<void>;
  onAnnouncement(heard: (announcement: Announcement) => void): void;

  /**
   * Puts streams into the indexes. Called before `create` and repeated by heartbeats. `deadline`: by the store's clock;
   * else `inMs` from now; without both: one lease from now.
   */
  index(streams: readonly { streamId: string; userId?: string; deadline?: number; inMs?: number }[]): Promise<void>;
  unindex(streamId: string, userId: string): Promise<void>;
  /** Removes it from the person's set only. One that is just being created is then still found by recovery. */
  unindexUser(streamId: string, userId: string): Promise<void>;
  /** The same for a stream that does not exist. Does nothing while its start may be under way. */
  unindexMissing(streamId: string, userId: string): Promise<void>;
  /** Up to `limit` streams that may have lost their owner. */
  due(limit: number): Promise<string[]>;
  userStreams(userId: string): Promise<string[]>;
}

/** The store did not answer in time, cannot be reached, or refuses. */
export class StoreUnavailable extends Error {
  /** The cause, if it is known. */
  readonly problem?: StoreProblem;
  constructor(message: string, options?: { cause?: unknown; problem?: StoreProblem }) {
    super(message, options);
    this.name = 'StoreUnavailable';
    this.problem = options?.problem;
  }
}

/** Why the store cannot be used. It contains no address and no secret, so it can be shown to callers. */
export interface StoreProblem {
  kind: string;
  /** Continues "Redis …". */
  reason: string;
  remedy: string;
}
