import { describe, expect, test } from 'vitest';
import { decideOutcome, type WireFacts } from './outcome.ts';
import { kindOfReason } from './reasons.ts';

const facts = (fields: Partial<WireFacts>): WireFacts => ({
  end: 'closed',
  reason: null,
  isStamped: false,
  words: true,
  thoughts: false,
  toolCalls: 0,
  cutCall: 'none',
  isUnclear: false,
  ...fields,
});
const outcome = (fields: Partial<WireFacts>, hadWordsBefore = false): string => {
  const decided = decideOutcome(facts(fields), { hadWordsBefore });
  return decided.isSuccess ? decided.reason : decided.code;
};

describe('the table of reasons', () => {
  test('is read without regard to case, hyphens and spaces', () => {
    expect(['STOP', 'end-turn', ' Max Tokens '].map((name) => kindOfReason(name))).toEqual([
      'complete',
      'complete',
      'length',
    ]);
  });

  test('maps any unknown reason to `cut`, even `constructor`', () => {
    for (const name of ['stop_please', 'STOPPED', 'constructor', '__proto__', 'x'.repeat(1e6)])
      expect(kindOfReason(name)).toBe('cut');
  });
});

describe('the outcome', () => {
  test.each<[Partial<WireFacts>, string]>([
    [{ end: 'done' }, 'stop'],
    [{ end: 'closed' }, 'connection_lost'],
    [{ end: 'reset' }, 'connection_lost'],
    [{ end: 'reset', reason: 'stop' }, 'stop'],
    [{ end: 'reset', reason: 'stop', isStamped: true }, 'connection_lost'],
    [{ end: 'closed', reason: 'stop', isStamped: true }, 'stop'],
    [{ end: 'broken', reason: 'stop' }, 'not_understood'],
    [{ end: 'done', reason: 'never_heard_of' }, 'answer_cut'],
    [{ end: 'done', reason: 'never_heard_of', words: false }, 'empty_answer'],
    [{ end: 'done', reason: 'stop', words: false }, 'empty_answer'],
    [{ end: 'done', reason: 'stop', words: false, toolCalls: 1 }, 'tool-calls'],
    [{ end: 'done', reason: 'length' }, 'length'],
    [{ end: 'done', reason: 'length', words: false, thoughts: true }, 'thinking_limit'],
    [{ end: 'done', reason: 'length', toolCalls: 1 }, 'tool_call_failed'],
    [{ end: 'done', reason: 'tool_calls', toolCalls: 2 }, 'tool-calls'],
    [{ end: 'done', reason: 'tool_calls' }, 'tool_call_failed'],
    [{ end: 'closed', reason: 'tool_calls', toolCalls: 1, cutCall: 'begun' }, 'connection_lost'],
    [{ end: 'done', reason: 'tool_calls', toolCalls: 1, cutCall: 'begun' }, 'tool-calls'],
    [{ end: 'closed', reason: 'stop', toolCalls: 1, cutCall: 'empty' }, 'tool-calls'],
    [{ end: 'reset', reason: 'stop', toolCalls: 1, cutCall: 'empty' }, 'connection_lost'],
    [{ end: 'done', isUnclear: true }, 'answer_cut'],
    [{ end: 'done', isUnclear: true, reason: 'stop' }, 'stop'],
    [{ end: 'done', isUnclear: true, words: false }, 'empty_answer'],
    [{ reason: 'UNEXPECTED_TOOL_CALL', toolCalls: 1 }, 'tool-calls'],
    [{ reason: 'MALFORMED_FUNCTION_CALL', words: false }, 'tool_call_failed'],
    [{ reason: 'RECITATION' }, 'content_refused'],
    [{ reason: 'insufficient_system_resource' }, 'provider_overloaded'],
    [{ reason: 'error' }, 'provider_failed'],
    [{ reason: 'OTHER' }, 'answer_cut'],
  ])('of %j is %s', (fields, expected) => {
    expect(outcome(fields)).toBe(expected);
  });

  test('of a response without words is a success if the answer had words before', () => {
    expect(outcome({ end: 'done', reason: 'stop', words: false }, true)).toBe('stop');
  });
});
