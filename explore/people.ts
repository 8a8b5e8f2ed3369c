import { RejoinError } from '../shared/errors.ts';
import { NOW } from '../shared/chat/forks.ts';
import { StoreUnavailable } from '../sidecar/store/streams/stream-store.ts';
import { serveReader, type Sink } from '../sidecar/streams/read/reader.ts';
import { lastEventIdOf } from '../sidecar/streams/log/read-frames.ts';
import type { MessagePage } from '../shared/chat/chat.ts';
import type { EventId } from '../shared/stream/event-id.ts';
import type { Chats } from '../sidecar/chats/chats.ts';
import { MEMBER, USER } from './names.ts';
import { edited } from './scripted-model.ts';
import type { ExploredSidecar } from './sidecar.ts';
import type { Host, VirtualTime } from './virtual-time.ts';

/** What a person may do. `at`: which of the running sidecars receives the request (an index). */
export type Act =
  /**
   * Asks a question. `waits`: if an answer is being written in the chat, the question is put into the queue of the chat instead of
   * being refused. `member`: a member of a room asks, not the owner; the chat is made a room first.
   */
  | { what: 'start'; chat: string; question: string; at: number; waits?: boolean; member?: boolean }
  /** Adds a message without asking the model. */
  | { what: 'say'; chat: string; word: string; at: number }
  /** Resumes a queue that is held, for example because an answer was stopped. */
  | { what: 'resume'; chat: string; at: number }
  /** Changes a question that waits in the queue. `send`: the question is asked next, and the answer that is being written is stopped. */
  | { what: 'take out' | 'move' | 'edit' | 'send'; chat: string; question: string; at: number }
  /** Takes all questions out of the queue. */
  | { what: 'discard'; chat: string; at: number }
  | { what: 'remove member'; chat: string; at: number }
  /** Makes a branch that ends with the answer. `now`: the branch ends with the part of the answer that is stored so far. */
  | { what: 'fork'; chat: string; question: string; forkId: string; now: boolean; at: number }
  | { what: 'read'; chat: string; question: string; at: number }
  | { what: 'cancel'; chat: string; question: string; at: number }
  | { what: 'delete'; chat: string; at: number }
  /** A deploy stops a sidecar: it hands its streams over and exits. */
  | { what: 'shut down'; at: number }
  | { what: 'look'; chat: string; at: number }
  | { what: 'pack'; at: number }
  /** Reads the list of chats page by page, then all messages of one chat. Each page has one entry. */
  | { what: 'page'; chat: string; at: number }
  /** Waits while the answer is written, as a person does before the next question. Does not wait for a stream that is queued. */
  | { what: 'wait'; chat: string; question: string; at: number }
  | { what: 'clean up'; force: boolean; at: number };

/** What a reader was shown over all its connections. `bytes` is emptied when a sidecar sends the reader back to the beginning. */
export interface Shown {
  question: string;
  bytes: Buffer;
  isDone: boolean;
}

export interface Fork {
  chat: string;
  question: string;
  /** The event id up to which the answer was copied; `null`: the whole answer. */
  upTo: string | null;
}

export interface Person {
  /** Performs one act. Resolves when the act has succeeded or failed, or when the person has given it up. */
  act(act: Act): Promise<void>;
  streamIdOf(chat: string, question: string): string;
  /**
   * The questions for which a sidecar has confirmed a start, each with its chat. The streams of these questions must exist. A question
   * is left out if a deletion of its chat was sent during the start or later.
   */
  readonly started: ReadonlyMap<string, string>;
  /** By message id: the chat in which a message was said. */
  readonly said: ReadonlyMap<string, string>;
  /** Chats with a start that Redis did not answer in time. Such a start may have taken effect. */
  readonly unanswered: ReadonlySet<string>;
  /** The questions whose answers a person tried to stop, or which a person tried to take out of the queue. */
  readonly stopped: ReadonlySet<string>;
  /** The questions whose answers were stopped: the sidecar said `cancelled`, with an event id. */
  readonly cancelled: ReadonlySet<string>;
  /** Deleted chats in which nothing was started during the deletion or later. These chats must not come back. */
  readonly deleted: ReadonlySet<string>;
  readonly forks: ReadonlyMap<string, Fork>;
  readonly shown: readonly Shown[];
  /** Errors that are defects. Refusals are not among them. */
  readonly problems: string[];
}

/** Stream ids by chat and question. They are kept because deriving an id costs time, and all runs have the same ids. */
const knownIds = new Map<string, string>();

export const messageIdOf = (question: string): string => `answer-${question}`;

/**
 * Performs the acts of all people of a run as calls of sidecars, and records what the people were told. This file is longer than
 * others, so that all acts are in one place.
 */
export function createPerson({
  time,
  host,
  sidecars,
  asks,
  exit,
  onShown,
}: {
  time: VirtualTime;
  host: Host;
  sidecars: readonly ExploredSidecar[];
  /** The chat of each question that is asked in this run. */
  asks: ReadonlyMap<string, string>;
  /** Called after a sidecar has shut down. Ends the process of the sidecar. */
  exit(host: Host): void;
  /** Called when a reader gets frames. `shown` has all frames that the reader has got so far. */
  onShown(shown: Shown, streamId: string, by: Host): void;
}): Person {
  const started = new Map<string, string>();
  const cancelled = new Set<string>();
  const unanswered = new Set<string>();
  const stopped = new Set<string>();
  const deleted = new Set<string>();
  const forks = new Map<string, Fork>();
  function streamIdOf(chat: string, question: string): string {
    const name = `${chat} ${question}`;
    const id = knownIds.get(name) ?? sidecars[0]!.manager.streamIdOf(USER, chat, messageIdOf(question));
    knownIds.set(name, id);
    return id;
  }
  /** Called for an act that may stop any answer of the chat. Notes all questions of the chat as stopped. */
  const mayStopAll = (chat: string) => {
    for (const [question, of] of asks) if (of === chat) stopped.add(question);
  };
  const said = new Map<string, string>();
  const shown: Shown[] = [];
  const problems: string[] = [];
  /** By chat: how many starts were sent, how many of these requests have returned or failed, and how many deletions were sent. */
  const [begun, finished, deletionsOf] = [
    new Map<string, number>(),
    new Map<string, number>(),
    new Map<string, number>(),
  ];

  async function act(act: Act): Promise<void> {
    const alive = sidecars.filter((sidecar) => !sidecar.host.isDead);
    const sidecar = alive[act.at % alive.length];
    if (sidecar === undefined) return;
    try {
      await time.as(host, () => perform(act, sidecar));
    } catch (error) {
      if (act.what === 'start' && error instanceof StoreUnavailable) unanswered.add(act.chat);
      noteDefect(act.what, error);
    }
  }

  /** Refusals and outages are expected. Any other error is a defect. */
  function noteDefect(what: string, error: unknown): void {
    if (error instanceof RejoinError || error instanceof StoreUnavailable) return;
    problems.push(`${what}: ${error instanceof Error ? error.stack : String(error)}`);
  }

  async function perform(act: Act, sidecar: ExploredSidecar): Promise<void> {
    const { manager, chats, cleanup, packer } = sidecar;
    /** Runs work as the sidecar: if the sidecar is killed or stands still, the timers of the work are killed or stand still, too. */
    const there = <T>(work: () => Promise<T>) => time.as(sidecar.host, work);
    switch (act.what) {
      case 'start': {
        const { chat: chatId, question } = act;
        const messages = [
          { id: `q-${question}`, role: 'user' as const, parts: [{ type: 'text' as const, text: question }] },
        ];
        const deletions = deletionsOf.get(chatId);
        deleted.delete(chatId);
        begun.set(chatId, (begun.get(chatId) ?? 0) + 1);
        try {
          const whenBusy = act.waits === true ? ('queue' as const) : undefined;
          const request = { chatId, messageId: messageIdOf(question), modelId: 'scripted', messages, whenBusy };
          if (act.member === true) sidecar.makeMember(chatId);
          const asker = act.member === true ? MEMBER : undefined;
          await there(() => manager.start(USER, request, asker));
          if (deletionsOf.get(chatId) === deletions) started.set(question, chatId);
        } finally {
          finished.set(chatId, (finished.get(chatId) ?? 0) + 1);
        }
        return;
      }
      case 'cancel': {
        const streamId = streamIdOf(act.chat, act.question);
        stopped.add(act.question);
        const { status, lastEventId } = await there(() => manager.cancel(USER, streamId));
        // If Redis was away, there is no event id: the sidecar will try to stop the answer, but may not succeed.
        if (status === 'cancelled' && lastEventId !== null) cancelled.add(act.question);
        return;
      }
      case 'say': {
        const { chat: chatId, word } = act;
        const asker = { userId: USER, name: null, address: null };
        const request = { messageId: `said-${word}`, text: word };
        const deletions = deletionsOf.get(chatId);
        await there(() => sidecar.say({ ownerId: USER, chatId }, asker, request));
        if (deletionsOf.get(chatId) === deletions) said.set(request.messageId, chatId);
        return;
      }
      case 'resume':
        await there(() => manager.queue.act(owned(act.chat), { action: 'resume' }));
        return;
      case 'take out':
        stopped.add(act.question);
        await there(() => manager.queue.remove(owned(act.chat), messageIdOf(act.question)));
        return;
      case 'move':
        await there(() => manager.queue.change(owned(act.chat), messageIdOf(act.question), { place: 1 }));
        return;
      case 'edit': {
        const text = edited(act.question);
        await there(() => manager.queue.change(owned(act.chat), messageIdOf(act.question), { text }));
        return;
      }
      case 'send': {
        mayStopAll(act.chat);
        const messageId = messageIdOf(act.question);
        await there(() => manager.queue.act(owned(act.chat), { action: 'send', messageId }));
        return;
      }
      case 'discard':
        mayStopAll(act.chat);
        await there(() => manager.queue.act(owned(act.chat), { action: 'discard' }));
        return;
      case 'remove member': {
        // The questions of the member are dropped from the queue, and their streams end as cancelled.
        mayStopAll(act.chat);
        const actor = { ownerId: USER, chatId: act.chat, actorId: USER };
        await there(() => sidecar.members.remove(actor, MEMBER.userId));
        return;
      }
      case 'fork': {
        const { chat, question, forkId, now } = act;
        const where = { userId: USER, source: { ownerId: USER, chatId: chat }, originId: chat, address: null };
        const request = { forkId, messageId: messageIdOf(question), at: now ? NOW : null };
        const { answer } = await there(() => sidecar.fork(where, request));
        forks.set(forkId, { chat, question, upTo: answer.from.at });
        return;
      }
      case 'read':
        return read(act);
      case 'pack':
        return there(() => packer.run());
      case 'delete': {
        const wasQuiet = begun.get(act.chat) === finished.get(act.chat);
        const before = begun.get(act.chat);
        deletionsOf.set(act.chat, (deletionsOf.get(act.chat) ?? 0) + 1);
        for (const known of [started, said])
          for (const [id, chatId] of known) if (chatId === act.chat) known.delete(id);
        await there(() => chats.delete(USER, act.chat));
        // A start that was under way during the deletion may take effect after the deletion.
        if (wasQuiet && begun.get(act.chat) === before) deleted.add(act.chat);
        return;
      }
      case 'look':
        await there(() => chats.list(USER, { limit: 50 }));
        await there(() => manager.active(USER));
        return;
      case 'shut down':
        // The last sidecar has no other to hand its streams over to.
        if (sidecars.filter((sidecar) => !sidecar.host.isDead).length < 2) return;
        await there(() => sidecar.dispose());
        return exit(sidecar.host);
      case 'page':
        return there(() => page(chats, act.chat));
      case 'wait': {
        const streamId = streamIdOf(act.chat, act.question);
        for (let tries = 0; tries < 40; tries++) {
          const status = await there(() => manager.state(USER, streamId)).then(
            (state) => state.status,
            (error: unknown) => (error instanceof RejoinError && error.code === 'not_found' ? 'missing' : 'unknown'),
          );
          if (status !== 'active' && status !== 'unknown') return;
          await pause(100);
        }
        return;
      }
      case 'clean up':
        const request = act.force ? ({ action: 'force', userId: USER } as const) : ({ action: 'expired' } as const);
        await there(() => cleanup.run(request));
        return;
    }
  }

  /** Checks that no chat and no message is on two pages, even if chats or messages change between the requests for the pages. */
  async function page(chats: Chats, chatId: string): Promise<void> {
    const seen: string[] = [];
    let before: string | undefined;
    do {
      const { chats: some, next } = await chats.list(USER, { before, limit: 1 });
      seen.push(...some.map((chat) => `chat ${chat.chatId}`));
      before = next ?? undefined;
    } while (before !== undefined && seen.length < 20);
    let after: number | null = 0;
    while (after !== null && seen.length < 40) {
      const { messages, next }: MessagePage = await chats.messages(USER, chatId, { after, limit: 1 });
      seen.push(...messages.map(({ id }) => `message ${id}`));
      after = next;
    }
    const { messages } = await chats.get(USER, chatId, { limit: 1 });
    if (messages.length > 1) problems.push(`a page with the limit 1 has ${messages.length} messages`);
    const twice = seen.find((name, i) => seen.indexOf(name) !== i);
    if (twice !== undefined) problems.push(`${twice} was on two pages: ${seen.join(', ')}`);
  }

  /** Follows a stream to its end as a browser does: reconnects after every cut, with the last event id. */
  async function read({ chat, question, at }: Extract<Act, { what: 'read' }>): Promise<void> {
    const mine: Shown = { question, bytes: Buffer.alloc(0), isDone: false };
    shown.push(mine);
    for (let tries = 0; tries < 40 && !mine.isDone; tries++) {
      const alive = sidecars.filter((sidecar) => !sidecar.host.isDead);
      const sidecar = alive[(at + tries) % alive.length];
      if (sidecar === undefined) return;
      const streamId = streamIdOf(chat, question);
      const after = mine.bytes.length === 0 ? null : lastEventIdOf(mine.bytes);
      try {
        // Each connection is left after five seconds, so that a reader whose sidecar sends nothing connects again.
        const leave = createLeave();
        const connected = time.as(sidecar.host, () => connection(sidecar, streamId, after, mine, leave));
        // A process that ends closes its connections.
        const cut = new Promise<void>((resolve) => void sidecar.host.onEnd.add(resolve));
        await Promise.race([connected, cut, pause(5000)]);
        leave.now();
      } catch (error) {
        noteDefect('read', error);
        if (error instanceof RejoinError && error.code === 'not_found' && tries > 3) return;
      }
      await pause(200);
    }
  }

  async function connection(
    { store, manager, host: by }: ExploredSidecar,
    streamId: string,
    after: EventId | null,
    mine: Shown,
    leave: Leave,
  ): Promise<void> {
    const opening = await manager.open(USER, streamId, after);
    if (leave.hasLeft) return;
    if (opening.isAtEnd) return void (mine.isDone = true);
    if (opening.isReset || after === null) mine.bytes = Buffer.alloc(0);
    const sink: Sink = {
      write(frames) {
        if (leave.hasLeft) return true;
        mine.bytes = Buffer.concat([mine.bytes, frames]);
        onShown(mine, streamId, by);
        return true;
      },
      drained: async () => {},
      get isClosed() {
        return leave.hasLeft;
      },
      onClose: leave.onLeave,
    };
    const end = await serveReader({
      store,
      streams: manager.streams,
      streamId,
      sink,
      from: opening.from,
      after: opening.isReset ? null : after,
      patienceMs: 5000,
    });
    if (end === 'done' && !leave.hasLeft) mine.isDone = true;
  }

  const owned = (chatId: string) => ({ userId: USER, chatId, member: null });
  const pause = (ms: number) => new Promise<void>((resolve) => void setTimeout(resolve, ms));
  return { act, streamIdOf, said, started, unanswered, stopped, cancelled, deleted, forks, shown, problems };
}

interface Leave {
  readonly hasLeft: boolean;
  now(): void;
  onLeave(listener: (() => void) | null): void;
}

function createLeave(): Leave {
  let hasLeft = false;
  let listener: (() => void) | null = null;
  return {
    get hasLeft() {
      return hasLeft;
    },
    now() {
      hasLeft = true;
      listener?.();
    },
    onLeave(given) {
      listener = given;
      if (hasLeft) listener?.();
    },
  };
}
