import type { CancelAnswer } from '../../shared/stream/stream.ts';
import type { ChatStore } from '../store/chats/chat-store.ts';
import { askerIdOf } from '../store/streams/asked-by.ts';
import { epochSuffix } from '../store/streams/epoch.ts';
import { refusalOf, roleRefusal } from '../store/rooms/role-refusal.ts';
import {
  isRunning,
  publicStatus,
  StoreUnavailable,
  type StreamMeta,
  type StreamStore,
} from '../store/streams/stream-store.ts';
import type { Finder } from './read/find-stream.ts';
import type { StreamStates } from './read/stream-states.ts';
import type { Generations } from './write/generations.ts';
import { retryUntilAnswered } from './write/retry-until-answered.ts';
import type { Ender } from './end/ender.ts';

export interface CancellerOptions {
  store: StreamStore;
  chats: Pick<ChatStore, 'changeQueue' | 'rooms'>;
  ender: Ender;
  finder: Finder;
  states: Pick<StreamStates, 'lastEventId'>;
  generations: Pick<Generations, 'get'>;
}

/** Who stops an answer. */
export interface Stopping {
  /**
   * The person who stops the answer: the owner of the chat, or a member. In a room, their name is kept with the answer. Left out
   * if nobody is to be named, for example if an administrator stops the answer.
   */
  personId?: string;
  /**
   * The id of the same person if they are a member. `cancel` then checks their role, which may have changed since access to the
   * stream was checked.
   */
  member?: string | null;
}

type SealedBy = Pick<Parameters<StreamStore['seal']>[1], 'member' | 'stoppedBy'>;

/** How long this process tries to seal a cancelled stream while Redis is away. */
const SEAL_PATIENCE_MS = 60_000;

/** Ends streams on a person's request: stops or deletes them. */
export function createCanceller({ store, chats, ender, finder, states, generations }: CancellerOptions) {
  async function cancel(userId: string, streamId: string, stopping: Stopping = {}): Promise<CancelAnswer> {
    try {
      const meta = await finder.meta(userId, streamId);
      if (isRunning(meta.status)) {
        // The turn (the question and its answer) leaves the queue before the stream is sealed, so that the turn cannot begin meanwhile.
        if (meta.status === 'queued')
          await chats.changeQueue(
            userId,
            meta.chatId,
            { what: 'remove', messageId: meta.messageId },
            stopping.member ?? null,
          );
        await seal(streamId, await sealedBy(meta, stopping));
        await ender.closeSealed(streamId);
      }
      const ended = await finder.meta(userId, streamId);
      const lastEventId = await states.lastEventId(streamId, ended);
      return { streamId, status: publicStatus(ended.status), lastEventId };
    } catch (error) {
      const generation = generations.get(streamId);
      if (!(error instanceof StoreUnavailable) || generation?.facts.userId !== userId) throw error;
      // The end is already being stored, and it is not known whether Redis has stored it. So the status is not known either.
      if (generation.isEnding) throw error;
      // Redis is away and this process calls the model: the call stops now, and the end of the stream is stored when Redis is back.
      generation.stop('cancelled');
      // The seal comes after the generation's own end. The generation stores its end together with the text that is not in Redis
      // yet. After a seal, Redis would refuse this text.
      void generation.done.then(() => sealWhenBack(streamId));
      return { streamId, status: 'cancelled', lastEventId: null };
    }
  }

  /**
   * Checks the role of a member, and finds the name of the person. If Redis is one server, the seal checks the role again. In a
   * Cluster the seal cannot check the role, because chat and stream are in different slots.
   */
  async function sealedBy({ userId: ownerId, chatId }: StreamMeta, { personId, member }: Stopping): Promise<SealedBy> {
    if (personId === undefined) return {};
    const look = await chats.rooms.look({ ownerId, chatId }, [personId]);
    const person = look?.members.get(personId);
    if (member != null) {
      const refusal = refusalOf(person?.role, 'editor');
      if (refusal !== null) throw roleRefusal(refusal);
    }
    const name = personId === ownerId ? look?.ownerName : person?.name;
    return {
      ...(member != null && { member: { ownerId, chatId, userId: member } }),
      ...(name != null && { stoppedBy: { userId: personId, name } }),
    };
  }

  /**
   * Seals the stream once Redis answers again. If only this process could not reach Redis, another one may have taken the stream
   * over meanwhile. The seal stops that process, too.
   */
  async function sealWhenBack(streamId: string): Promise<void> {
    const until = Date.now() + SEAL_PATIENCE_MS;
    try {
      await retryUntilAnswered(
        () => seal(streamId),
        () => Date.now() > until,
      );
      await ender.closeSealed(streamId);
    } catch {
      // if the stream was sealed, recovery closes it
    }
  }

  /** The seal takes effect even if the owner never receives the announcement. */
  async function seal(streamId: string, by: SealedBy = {}): Promise<void> {
    await store.seal(streamId, { suffix: epochSuffix(), outcome: 'cancelled', error: null, ...by });
    generations.get(streamId)?.stop('fenced');
    await store.announce({ type: 'sealed', streamId });
  }

  async function remove(userId: string, streamId: string): Promise<void> {
    const meta = await store.meta(streamId);
    if (meta === null || meta.userId !== userId) return;
    await store.remove(streamId, 'any');
    generations.get(streamId)?.stop('fenced');
    await store.announce({ type: 'sealed', streamId });
    await store.unindex(streamId, askerIdOf(meta));
  }

  return { cancel, remove };
}
