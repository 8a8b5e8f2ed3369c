import type { EventId } from '../../../shared/stream/event-id.ts';
import type { Author } from '../../../shared/chat/rooms.ts';
import type { StreamOutcome, StreamStatus } from '../../../shared/stream/stream.ts';
import type { StreamError } from '../../../shared/stream/stream-errors.ts';

/** Facts about a stream. They never change, except that `startTime` is set anew when a stream that waited begins. */
export interface StreamFacts {
  userId: string;
  chatId: string;
  messageId: string;
  modelId: string;
  servedBy: string;
  /** The message that is being answered. It is the parent of the answer. */
  parentId: string;
  /** When the stream was created, ISO 8601. If it waited in a queue: when it began. */
  startTime: string;
  /** Identifies the start request, so that a repeated request is recognized. Empty for streams that an older release created. */
  fingerprint: string;
  /** Set if the stream waits in the queue of its chat, or has waited there. */
  queued?: '1';
  /**
   * The id of the partial answer that this stream continues. Set only for a stream that waits or has waited in a queue: the process
   * that begins the stream needs this id to write the parts of the partial answer into the log. A stream that does not wait gets
   * these parts when it is created, so it does not need the id.
   */
  continueFrom?: string;
  /** Who asked, as JSON (`KeptAsker`). Set only in chats with a room. */
  by?: string;
}

/** `sealed`: the outcome is decided and the end is being written. */
export type MetaStatus = StreamStatus | 'sealed';

/** True if the log has no end yet. */
export const isRunning = (status: MetaStatus): status is 'queued' | 'active' | 'sealed' =>
  status === 'queued' || status === 'active' || status === 'sealed';

/** The status that clients get. For them, a sealed stream is still active. */
export const publicStatus = (status: MetaStatus): StreamStatus => (status === 'sealed' ? 'active' : status);

export interface StreamMeta extends StreamFacts {
  status: MetaStatus;
  outcome: StreamOutcome | null;
  epoch: string;
  /** The position in the log at which the current attempt begins. */
  base: number;
  /** The length of the log at the moment when the meta was read. */
  length: number;
  /** SHA-256 of the whole log in hex, once it is closed. */
  sha256: string | null;
  error: StreamError | null;
  /** The person who stopped the stream, if the chat has a room. */
  stoppedBy?: Author | undefined;
  /** The process that has the lease, or had it last. Empty while the stream waits in a queue, and without Redis. */
  owner: string;
  /** Milliseconds until the owner's lease expires; negative after that. */
  leaseLeftMs: number;
  /** True if the owner has given up the lease, and no other process has taken the stream over yet. */
  isHandedOver: boolean;
  lastActivity: string;
}

export interface NewStream {
  streamId: string;
  facts: StreamFacts;
  epoch: string;
  /** The state copy: the JSON at `stream:<id>` that people and tools read. */
  state: Buffer;
  /** The first frames, beginning with `start`. */
  frames: Buffer;
}

/** `unpointed`: nothing was created, because the chat points at another stream or at none. */
export type CreateResult = 'created' | 'exists' | 'unpointed';

export interface Batch {
  streamId: string;
  epoch: string;
  /** The position in the log at which `bytes` start. */
  position: number;
  bytes: Buffer;
}

/** `elsewhere`: the log's length is not the position that the batch names; nothing was appended. */
export type AppendResult =
  { what: 'appended'; length: number } | { what: 'elsewhere'; length: number } | { what: 'fenced' } | { what: 'gone' };

export interface Page {
  /** False if `read` was called with an event id that is not on the log. Then `bytes` begin at the base. */
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
      /** How many owners were lost so far. */
      lapses: number;
      /** How many lost owners in a row, up to and including the last one, wrote nothing. 0 if the last one wrote something. */
      barren: number;
      /** True if the last owner gave its lease up. Such an owner does not count as lost. */
      isHandover: boolean;
    }
  /** `forMs`: time since the seal. */
  | { what: 'sealed'; forMs: number }
  /** The stream waits in a queue, or was chosen from the queue and has not begun yet. */
  | { what: 'queued' }
  | { what: 'ended'; status: StreamOutcome }
  | { what: 'leased'; leftMs: number }
  | { what: 'gone' };

export interface SealResult {
  /** True if this call decided the outcome. */
  won: boolean;
  status: MetaStatus;
  /** `null` if no outcome is decided, because the stream has another epoch than `ownerEpoch`. */
  outcome: StreamOutcome | null;
  epoch: string;
  length: number;
  leaseLeftMs: number;
}

/** Bytes to be put into the state copy at an offset. Offset 0 replaces the whole copy. */
export interface StatePatch {
  offset: number;
  bytes: Buffer;
}

export interface Close {
  streamId: string;
  /** The epoch of the seal. If the owner seals the stream in this same call: the owner's epoch. */
  epoch: string;
  /** The epoch in the event ids of `frames`. */
  finalEpoch: string;
  /** The position in the log at which `frames` start. */
  position: number;
  frames: Buffer;
  outcome: StreamOutcome;
  error: StreamError | null;
  sha256: string;
  lastActivity: string;
  /** The patches are written only if the stored state copy has this `length`. A patch at offset 0 replaces a copy of any length. */
  state: { length: number; patches: StatePatch[] };
}

/** `isPatched`: the patches fitted the stored state copy, which is now up to date. */
export type CloseResult =
  | { what: 'closed'; length: number; isPatched: boolean }
  | { what: 'already' | 'fenced' | 'elsewhere' | 'gone'; length: number };

export interface Lease {
  streamId: string;
  epoch: string;
}

export interface Renewal extends Lease {
  /** When the stream's model last sent something, ISO 8601. Left out if this time is stored already. */
  lastActivity?: string;
  /** Whether the TTLs of the stream's keys are extended, too. That costs three more writes. */
  isFull: boolean;
}

/** `unknown`: the Cluster node that has the stream did not answer. */
export type RenewResult =
  { what: 'renewed'; deadline: number } | { what: 'fenced' } | { what: 'gone' } | { what: 'unknown' };

/** What a follower has to know about a stream. `null` if the stream is gone, `unknown` if its Cluster node did not answer. */
export type Look = { status: MetaStatus; length: number; base: number; leaseLeftMs: number } | null | 'unknown';

/** A message to every sidecar. */
export type Announcement =
  /** The stream was sealed or removed. */
  | { type: 'sealed'; streamId: string }
  /** Another process can take this stream over now, or can begin it if it waited in a queue. */
  | { type: 'released'; streamId: string }
  /** Somebody's role in this chat was changed or taken away, or the chat is gone. */
  | { type: 'access'; ownerId: string; chatId: string }
  /** These public pages have ended, or have other settings now. */
  | { type: 'shares'; shareIds: readonly string[] };

/**
 * Stores the log and the facts of each stream. `stream-store.suite.ts` tests every promise made here.
 *
 * Calls reject with {@link StoreUnavailable} if the store does not answer in time. A rejected call
 * may have taken effect all the same, and can be repeated without harm.
 */
export interface StreamStore {
  /** False if all data is lost when this process exits. */
  readonly resumable: boolean;
  /** Maximum number of batches in one append. In a Cluster it is 1, because each stream is in a slot of its own. */
  readonly batchesPerAppend: number;
  /**
   * True if streams and chats are on the same server. Calls to the stream store and to the chat store are then executed in the
   * order in which they are made, and {@link StreamStore.create} can look at the chat.
   */
  readonly seesChats: boolean;
  /**
   * True for a short time after the store was away. A stream that is missing during this time may come back: if the store has lost
   * the stream, its owner writes it again.
   */
  wasAway(): boolean;
  /** The listener is called each time the store answers again after it was away. */
  onReturn(listener: () => void): void;

  /**
   * Creates a stream and makes this process its owner, unless the stream exists already. `pointed`: creates it only if its chat
   * points at it.
   */
  create(stream: NewStream, only?: 'pointed'): Promise<CreateResult>;
  /** Creates a stream that waits in a queue, without an owner and with an empty log. False if it exists already. */
  wait(stream: Omit<NewStream, 'frames'>): Promise<boolean>;
  /** Begins a stream that waits, and makes this process its owner. False if the stream does not wait any more. */
  begin(stream: Omit<NewStream, 'facts'> & { startTime: string }): Promise<boolean>;
  /** Appends each batch only at the position it names. The results are in the order of the batches. */
  append(batches: readonly Batch[]): Promise<AppendResult[]>;
  /**
   * Reads a page of at most `maxBytes`: after an event id, from a known position, or from the base. `gone`: there is no such
   * stream. `deleted`: it was removed.
   */
  read(streamId: string, from: EventId | number | 'base', maxBytes: number): Promise<Page | 'gone' | 'deleted'>;
  meta(streamId: string): Promise<StreamMeta | null>;
  /** The state copy, JSON. */
  state(streamId: string): Promise<string | null>;

  /** Renews these leases. If a renewal has a `lastActivity`, it is stored, too. */
  renew(renewals: readonly Renewal[]): Promise<RenewResult[]>;
  /**
   * Gives up a lease, so that another process can take the stream over without waiting. False if the caller does not own the
   * stream.
   */
  release(lease: Lease): Promise<boolean>;
  /** Takes over a stream whose lease has expired or was given up. `suffix`: the random part of the new epoch. */
  claim(streamId: string, suffix: string): Promise<ClaimResult>;
  /** Begins a new attempt at `batch.position`, which becomes the base. */
  rebase(batch: Batch): Promise<AppendResult>;
  /**
   * Writes a lost log again under `stream.epoch`. `lostEpoch`: the epoch of the lost log. False if another process owns the
   * stream, or if it has ended or was deleted.
   */
  rewrite(stream: NewStream, lostEpoch: string): Promise<boolean>;

  /** Decides how a stream ends. The first call wins, and all callers get its outcome. `null` if there is no such stream. */
  seal(
    streamId: string,
    seal: {
      suffix: string;
      outcome: StreamOutcome;
      error: StreamError | null;
      /** An active stream is sealed only if it has this epoch. */
      ownerEpoch?: string;
      /**
       * The member of the room who ends the stream. If the chat is on the same server, their role is checked in the same step. If
       * the role does not allow it, the call throws `not_found` or `role_required`.
       */
      member?: { ownerId: string; chatId: string; userId: string };
      /** The person who stops the stream, if the chat has a room. */
      stoppedBy?: Author | undefined;
    },
  ): Promise<SealResult | null>;
  /** Writes the end of a sealed stream. If the caller owns a stream that is not sealed, this call seals it, too. */
  close(close: Close): Promise<CloseResult>;
  /**
   * Patches the state copy. False if the stream has another epoch, or if the copy does not have this length. A patch at offset 0
   * replaces a copy of any length.
   */
  checkpoint(streamId: string, epoch: string, length: number, patches: readonly StatePatch[]): Promise<boolean>;
  /** `idle`: removes the stream only if it has ended or has lost its owner. `owned`: the stream is not idle, so it stays. */
  remove(streamId: string, which: 'any' | 'idle'): Promise<'removed' | 'none' | 'owned'>;

  /** Reads the status, length, base and lease of many streams. Appends to these streams then send notifications for a while. */
  look(streamIds: readonly string[]): Promise<Look[]>;
  /**
   * Resolves once the subscription is confirmed. A notification may come without a change, and may be missed. `frames`: what an append
   * has added, as whole frames. Anything else means that the stream has changed in another way, or that an append was large.
   */
  listen(streamId: string, onBell: (frames: Buffer) => void): Promise<() => void>;
  announce(announcement: Announcement): Promise<void>;
  onAnnouncement(listener: (announcement: Announcement) => void): void;

  /**
   * Puts streams into the index of active streams and, where `userId` is given, into that person's set. Recovery checks a stream
   * at its `deadline` (by the store's clock), or after `inMs`. If neither is given, it checks the stream after the time of one lease.
   */
  index(streams: readonly { streamId: string; userId?: string; deadline?: number; inMs?: number }[]): Promise<void>;
  /** Removes a stream from the index of active streams and from the person's set. `userId` may be '' if it is not known. */
  unindex(streamId: string, userId: string): Promise<void>;
  /** Removes a stream from the person's set, but not from the index, where recovery still finds it. */
  unindexUser(streamId: string, userId: string): Promise<void>;
  /** Like `unindexUser`, for a stream that does not exist. Does nothing while the start of the stream may be under way. */
  unindexMissing(streamId: string, userId: string): Promise<void>;
  /** Up to `limit` streams that recovery has to check, for example because they may have lost their owner. */
  due(limit: number): Promise<string[]>;
  userStreams(userId: string): Promise<string[]>;
}

/** The store did not answer in time, cannot be reached, or refuses calls for the moment. */
export class StoreUnavailable extends Error {
  /** The cause, if it is known. */
  readonly problem?: StoreProblem;
  constructor(message: string, options?: { cause?: unknown; problem?: StoreProblem }) {
    super(message, options);
    this.name = 'StoreUnavailable';
    this.problem = options?.problem;
  }
}

/** Why the store cannot be used. These texts contain no address and no secret, so they can be shown to callers. */
export interface StoreProblem {
  kind: string;
  /** The rest of a sentence that begins with "Redis", for example "is a read-only replica". */
  reason: string;
  remedy: string;
}
