import type { StreamErrorCode } from '../../../../shared/stream/stream-errors.ts';
import { kindOfReason, type ReasonKind } from './reasons.ts';

/**
 * How the response itself ended:
 * - `done`: with `[DONE]`, or with the end of one whole JSON document;
 * - `closed`: the connection was closed cleanly, but without `[DONE]`;
 * - `reset`: the connection broke;
 * - `broken`: the response contained a frame that cannot be read, so words may be missing.
 */
export type WireEnd = 'done' | 'closed' | 'reset' | 'broken';

/** Facts about one response when it is over. */
export interface WireFacts {
  end: WireEnd;
  /**
   * The last reason to finish (`finish_reason`); may be a placeholder such as `"null"`. `null` if no reason came, or if content
   * without a reason came after the last reason.
   */
  reason: string | null;
  /**
   * True if content came after a reason. Servers that put a reason on every frame do this. A reason from such a server does not prove
   * that the answer is complete.
   */
  isStamped: boolean;
  /** The response has text or a picture. */
  words: boolean;
  thoughts: boolean;
  /** Number of tool calls with a name. If the response was cut, their arguments may be incomplete. */
  toolCalls: number;
  /** The arguments of a tool call are incomplete. `empty`: they have not begun. */
  cutCall: 'none' | 'empty' | 'begun';
  /** After the last content came a message that the reader did not understand. It may have reported a failure. */
  isUnclear: boolean;
}

export type Outcome =
  | { isSuccess: true; reason: 'stop' | 'length' | 'tool-calls' }
  | { isSuccess: false; code: StreamErrorCode; cause: ReasonKind | WireEnd };

/**
 * Decides the outcome of a response from its facts. The caller handles errors that the server reported in a frame. PROTOCOL.md 17.2
 * has these rules as a table.
 *
 * @param hadWordsBefore the answer already has words, from an earlier step or an interrupted attempt, so this response may be empty
 */
export function decideOutcome(facts: WireFacts, { hadWordsBefore }: { hadWordsBefore: boolean }): Outcome {
  const { end, reason, isStamped, words, thoughts, toolCalls, cutCall, isUnclear } = facts;
  const kind = kindOfReason(reason);
  const failure = (code: StreamErrorCode, cause: ReasonKind | WireEnd = kind): Outcome => ({
    isSuccess: false,
    code,
    cause,
  });
  const whole = (): Outcome => {
    if (toolCalls > 0) return { isSuccess: true, reason: 'tool-calls' };
    return words || hadWordsBefore ? { isSuccess: true, reason: 'stop' } : failure('empty_answer');
  };
  const lost = (): Outcome => failure(end === 'broken' ? 'not_understood' : 'connection_lost', end);

  // A broken frame may have held words, so the answer is not complete even if a reason follows.
  if (end === 'broken' && kind !== 'refused') return lost();
  // Some servers send the reason with the first piece of a call, so the reason does not prove that the call is complete.
  const isCallCut = (cutCall === 'begun' && end !== 'done') || (cutCall === 'empty' && end === 'reset');
  if (isCallCut && (kind === 'complete' || kind === 'tools')) return failure('connection_lost', end);
  switch (kind) {
    case 'none':
      if (end !== 'done') return lost();
      return isUnclear && (words || thoughts || toolCalls > 0) ? failure('answer_cut') : whole();
    case 'complete':
      return isStamped && end === 'reset' ? lost() : whole();
    case 'length':
      if (isStamped && end === 'reset') return lost();
      // The limit may have cut the call, and an incomplete call must not run.
      if (toolCalls > 0) return failure('tool_call_failed');
      return words ? { isSuccess: true, reason: 'length' } : failure('thinking_limit');
    case 'tools':
      if (isStamped && end === 'reset') return lost();
      return toolCalls > 0 ? whole() : failure('tool_call_failed');
    case 'tool-trouble':
      // A call that the server could read is run, even if the server did not expect it.
      return toolCalls > 0 ? whole() : failure('tool_call_failed');
    case 'refused':
      return failure('content_refused');
    case 'overloaded':
      return failure('provider_overloaded');
    case 'failed':
      return failure('provider_failed');
    case 'cut':
      return failure(words || thoughts ? 'answer_cut' : 'empty_answer');
  }
}
