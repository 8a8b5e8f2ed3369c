import { pause, until } from '../../scripts/shared/wait.ts';
import type { Queue } from '../../shared/chat/chat.ts';
import type { Interference } from '../checker.ts';
import type { Call } from '../client.ts';
import { readMessages } from '../kept-message.ts';
import {
  auditTurn,
  followTurn,
  notStarted,
  PATIENCE_MS,
  startTurn,
  stopStream,
  type Followed,
  type StreamResult,
  type TurnSurroundings,
} from '../live-turn.ts';
import type { Losses } from '../losses.ts';
import type { Random } from '../random.ts';
import type { TurnPlan } from '../turn-plan.ts';
import { checkQueue, type Snapshot, type TurnRecord } from './check-queue.ts';
import type { QueuePlan, QueueStep } from './plan-queue.ts';

interface LiveTurn extends TurnRecord {
  plan: TurnPlan;
  streamId: string;
  interference: Interference;
  problems: string[];
  /** Texts of edits that may still be carried out at any time, because a try got no response. */
  lateTexts: string[];
  /** The first text and the texts of all edits. */
  allTexts: string[];
  /**
   * When each request that decides the fate of the turn was sent, and when its response came. If Redis may have lost what it
   * acknowledged between these times, the fate is not known.
   */
  decided: [number, number][];
  followed: Promise<Followed>;
}

const ANSWERED_WITHIN_MS = 60_000;

/**
 * Runs a conversation with a queue and checks it. The steps come one after the other, each at a random sidecar. A request that
 * must not be repeated is sent once. If that request gets no response, it may be carried out at any time or never, so the checks
 * accept the conversation with and without the effect of the request. The checks do the same if Redis may have lost the effect. The
 * effects of all other requests are checked exactly.
 */
export async function liveThroughQueue({
  plan,
  losses,
  random,
  ...surroundings
}: TurnSurroundings & { plan: QueuePlan; losses: Losses | null; random: Random }): Promise<StreamResult[]> {
  const startedAtMs = performance.now();
  const { client, chatId } = surroundings;
  const turns: LiveTurn[] = [];
  const refused: StreamResult[] = [];
  const snapshots: Snapshot[] = [];
  /** True once a request was sent that may stop answers, also answers that begin later. */
  let mayBeStopped = false;
  /** True once a request to discard the queue got no response. Such a request may be carried out at any later time. */
  let mayBeDiscarded = false;
  /** True once a request was sent that may resume a held queue at any later time. */
  let mayGoOn = false;
  let calls = 0;
  const patienceMs = PATIENCE_MS + durationOf(plan);

  const ask = (call: Call) =>
    client.ask(call, { random: random.fork(`call-${calls++}`), withinMs: ANSWERED_WITHIN_MS });
  const askOnce = (call: Call) => client.askOnce(call, random.fork(`call-${calls++}`));
  const readQueue = async (): Promise<Queue> => {
    const { status, body } = await ask({ path: `/chats/${chatId}/queue` });
    return status === 404 && losses ? { turns: [], paused: false } : (JSON.parse(body) as Queue);
  };
  /** The id of the stream that is being written; `null` if none is. */
  const readRunning = async (): Promise<string | null> => {
    const { body } = await ask({ path: `/chats/${chatId}?limit=1` });
    return (JSON.parse(body) as { stream?: { streamId: string } | null }).stream?.streamId ?? null;
  };
  const path = `/chats/${chatId}/queue`;

  async function send(turn: TurnPlan, whenBusy?: 'queue' | 'interrupt'): Promise<void> {
    const number = turns.length + refused.length;
    const sentAtMs = performance.now();
    const record: LiveTurn = {
      messageId: `answer-${number}`,
      questionId: `question-${number}`,
      texts: [`Question ${number}`],
      fate: mayBeDiscarded ? 'either' : 'answered',
      plan: turn,
      streamId: '',
      interference: { wasCancelled: mayBeStopped, cancelAnswers: [] },
      problems: [],
      lateTexts: [],
      allTexts: [`Question ${number}`],
      decided: [],
      waited: false,
      followed: Promise.resolve({ readers: [], branches: [] }),
    };
    turns.push(record); // before the response, because turns that are sent at the same time need different numbers
    const { messageId, questionId, texts } = record;
    const start = { messageId, questionId, text: texts[0]!, whenBusy };
    const here = { ...surroundings, turn, messageId, random: random.fork(`turn-${number}`) };
    const { streamId, waits, problems } = await startTurn({ ...here, start });
    if (streamId === null) {
      turns.splice(turns.indexOf(record), 1);
      refused.push(notStarted(`${chatId}/${number}`, turn, problems));
      return;
    }
    record.decided.push([sentAtMs, performance.now()]);
    Object.assign(record, { streamId, problems, waited: waits });
    record.followed = followTurn({ ...here, streamId, patienceMs });
  }

  /** From here on, every turn may be stopped, also those that come later. */
  function expectStop(): void {
    mayBeStopped = true;
    for (const { interference } of turns) interference.wasCancelled = true;
  }

  const turnOf = (messageId: string) => turns.find((turn) => turn.messageId === messageId);
  const isMoved = (messageId: string) => snapshots.forEach(({ movedLater }) => movedLater.add(messageId));
  const pickFrom = ({ turns: waiting }: Queue, pick: number) =>
    waiting[Math.min(waiting.length - 1, Math.floor(pick * waiting.length))]?.messageId;

  async function take(step: QueueStep): Promise<void> {
    const sinceMs = performance.now();
    const takeOut = (turn: LiveTurn) => {
      turn.fate = 'taken out';
      turn.decided.push([sinceMs, performance.now()]);
    };
    const before = await readQueue();
    switch (step.what) {
      case 'queue':
        await Promise.all(step.turns.map((turn) => send(turn, 'queue')));
        return;
      case 'interrupt':
        expectStop();
        return send(step.turn, 'interrupt');
      case 'stop': {
        const running = await readRunning();
        const turn = turns.find(({ streamId }) => streamId === running);
        if (turn) await stopStream({ ...turn, times: 1, client, random: random.fork(`stop-${calls++}`) });
        return;
      }
      case 'resume': {
        const { tries } = await ask({ method: 'POST', path, body: { action: 'resume' } });
        mayGoOn ||= tries > 1;
        return;
      }
      case 'discard': {
        const answer = await askOnce({ method: 'POST', path, body: { action: 'discard' } });
        mayBeDiscarded ||= answer === null;
        const isHeld = before.paused && !mayGoOn && answer !== null;
        for (const turn of turns) {
          const waited = before.turns.some(({ messageId }) => messageId === turn.messageId);
          if (waited && isHeld && turn.fate === 'answered') takeOut(turn);
          else if ((waited || answer === null) && turn.fate !== 'taken out') turn.fate = 'either';
        }
        return;
      }
      case 'send': {
        const messageId = pickFrom(before, step.pick);
        if (messageId === undefined) return;
        expectStop();
        const answer = await askOnce({ method: 'POST', path, body: { action: 'send', messageId } });
        isMoved(messageId);
        mayGoOn = true;
        if (answer === null) movedForEver.add(messageId);
        return;
      }
      case 'move': {
        const messageId = pickFrom(before, step.pick);
        if (messageId === undefined) return;
        const call = { method: 'PATCH', path: `${path}/${messageId}`, body: { place: step.place } } as const;
        if ((await askOnce(call)) === null) movedForEver.add(messageId);
        isMoved(messageId);
        return;
      }
      case 'remove': {
        const turn = turnOf(pickFrom(before, step.pick) ?? '');
        if (turn === undefined) return;
        const { status, tries } = await ask({ method: 'DELETE', path: `${path}/${turn.messageId}` });
        if (status === 200) takeOut(turn);
        else if (tries > 1 && turn.fate === 'answered') turn.fate = 'either';
        return;
      }
      case 'edit': {
        const turn = turnOf(pickFrom(before, step.pick) ?? '');
        if (turn === undefined) return;
        const text = `Edited ${calls}`;
        turn.allTexts.push(text);
        const call = { method: 'PATCH', path: `${path}/${turn.messageId}`, body: { text } } as const;
        const { status, tries } = await ask(call);
        // A try without a response may be carried out after a later edit.
        if (tries > 1) turn.lateTexts.push(text);
        if (status === 200) turn.texts = [text, ...turn.lateTexts];
        else turn.texts.push(...turn.lateTexts);
      }
    }
  }

  /** Turns that a request without a response may move at any time. */
  const movedForEver = new Set<string>();

  async function look(): Promise<void> {
    const { turns: waiting } = await readQueue();
    snapshots.push({ order: waiting.map(({ messageId }) => messageId), movedLater: new Set(movedForEver) });
  }

  await send(plan.first);
  for (const step of turns.length > 0 ? plan.steps : []) {
    await pause(step.afterMs);
    await take(step);
    await look();
  }
  const standing = await untilNothingWaits();
  const answers = await Promise.all(turns.map(({ followed }) => followed));
  // Redis may have lost the end of an answer after a reader had received this end. Then the answer is being written again.
  if (losses) standing.push(...(await untilNothingWaits({ norRuns: true })));

  const messages = await readMessages(chatId, client, random.fork('messages'), { mayBeGone: losses !== null });
  const isSetBack = losses?.mayContain(startedAtMs, performance.now()) ?? false;
  for (const turn of isSetBack ? turns : []) {
    turn.texts = turn.allTexts;
    if (turn.decided.some(([fromMs, toMs]) => losses!.mayContain(fromMs, toMs))) turn.fate = 'either';
  }
  const problems = [...standing, ...checkQueue({ messages, turns, snapshots, isSetBack })];
  const results: StreamResult[] = [];
  for (const [i, turn] of turns.entries()) {
    if (turn.fate !== 'answered') turn.interference.wasCancelled = true;
    const { plan: of, fate, waited, messageId } = turn;
    const found = i === 0 ? problems.map((problem) => `${chatId}: ${problem}`) : [];
    const result = await auditTurn({
      ...surroundings,
      ...answers[i]!,
      ...turn,
      turn: of,
      mayBeTakenOut: fate !== 'answered',
      problems: [...turn.problems, ...found],
      random: random.fork(`audit-${messageId}`),
    });
    const isAnswered = messages.some(({ id }) => id === messageId);
    const isTakenOut = fate === 'taken out' || result.outcome === 'cancelled';
    results.push(waited ? { ...result, queued: isAnswered ? 'answered' : isTakenOut ? 'taken out' : 'lost' } : result);
  }
  return [...refused, ...results];

  /**
   * Resolves when the queue is empty, and resumes the queue whenever it is held. Reports the turns that are still in the queue
   * after `patienceMs`. `norRuns`: resolves only when no answer is being written either.
   */
  async function untilNothingWaits({ norRuns = false } = {}): Promise<string[]> {
    // Reading the chat repairs what a lost process left behind. The repair must also happen if nobody reads the chat, so
    // whether this function reads it is random.
    const isReading = random.chance(0.5);
    let last = '';
    const isOver = async () => {
      const running = norRuns || isReading ? await readRunning() : null;
      const { turns: waiting, paused } = await readQueue();
      last = `${waiting.map(({ messageId }) => messageId).join(', ')}${paused ? ', held' : ''}`;
      if (waiting.length === 0) return !norRuns || running === null;
      if (paused) await ask({ method: 'POST', path, body: { action: 'resume' } });
      return false;
    };
    if (await until(isOver, { everyMs: 300, signal: AbortSignal.timeout(patienceMs) })) return [];
    return [`turns still wait, or an answer is still being written; waiting: ${last}`];
  }
}

function durationOf({ first, steps }: QueuePlan): number {
  const turns = steps.flatMap((step) =>
    step.what === 'queue' ? step.turns : step.what === 'interrupt' ? [step.turn] : [],
  );
  return [first, ...turns].reduce((sum, { durationMs }) => sum + durationMs, 0);
}
