import { createHash } from 'node:crypto';
import { messageText } from '../shared/chat/messages.ts';
import type { StreamOutcome } from '../shared/stream/stream.ts';
import type { Caller } from './caller.ts';
import { eventually } from './eventually.ts';
import type { TestBed } from './test-bed.ts';
import { checkWholeLog } from './whole-log.ts';
import { streamCopySchema } from './stream-copy.ts';

export interface OneEnd {
  status: StreamOutcome;
  text: string;
  lastEventId: string;
}

/**
 * Checks that a stream has ended exactly once, and that every place shows the same end: the log, the state from the API, the copy
 * of the state in Redis, and the message in the chat. Also checks that the stream has left the person's index `user_streams`.
 * Throws at the first difference.
 */
export async function checkOneEnd({ db, storedLog }: TestBed, caller: Caller, streamId: string): Promise<OneEnd> {
  const log = await storedLog(streamId);
  const { status, text, frames, message, errorText } = checkWholeLog(log);
  const lastEventId = frames.at(-1)!.id;
  const sha256 = createHash('sha256').update(log).digest('hex');

  const state = await caller.state(streamId);
  same('state', { ...state, error: state.error?.text ?? null }, { status, lastEventId, sha256, error: errorText });
  const copy = streamCopySchema.parse(JSON.parse((await db.get(`stream:${streamId}`)) ?? ''));
  same('copy', copy, { status, accumulatedContent: text, position: log.length, epoch: frames.at(-1)!.epoch });

  const chat = await caller.chat(state.chatId);
  const answers = (await caller.messages(state.chatId)).filter(({ id }) => id === state.messageId);
  if (answers.length !== 1) throw new Error(`the answer is ${answers.length} times in the chat`);
  same('chat', { ...answers[0], text: messageText(answers[0]!) }, { status, text });
  if (JSON.stringify(answers[0]!.parts) !== JSON.stringify(message.parts))
    throw new Error('the parts of the message in the chat differ from those in the log');
  if (chat.stream !== null) throw new Error('the chat still points at the stream');
  // A stream leaves the index in the last step of its end. A caller who cancels gets the response before that step.
  const index = `user_streams:${caller.userId}`;
  await eventually('the stream has left user_streams', async () => !(await db.sIsMember(index, streamId)));
  return { status, text, lastEventId };
}

function same(where: string, found: object, expected: Record<string, unknown>): void {
  for (const [name, value] of Object.entries(expected)) {
    const there = (found as Record<string, unknown>)[name];
    if (there !== value)
      throw new Error(
        `${name}: the log has ${String(value).slice(0, 80)}, the ${where} has ${String(there).slice(0, 80)}`,
      );
  }
}
