import { afterEach, describe, expect, test, vi } from 'vitest';
import { RejoinError } from '../../../shared/errors.ts';
import { log } from '~/process/log.server.ts';
import { reportError } from './report-error.server.ts';

afterEach(() => vi.restoreAllMocks());

/** The logged lines, by level. */
function logged(thrown: unknown) {
  const [warn, error] = [vi.spyOn(log, 'warn').mockReturnValue(), vi.spyOn(log, 'error').mockReturnValue()];
  const { code } = reportError(thrown);
  return { code, warn: warn.mock.calls.flat(), error: error.mock.calls.flat() };
}

describe('an error response', () => {
  test('is logged as an error, with its cause, if the store has failed', () => {
    const cause = new Error('connect ECONNREFUSED');
    const { error, warn } = logged(new RejoinError('store_unavailable', { cause }));
    expect(error).toMatchObject([{ event: 'request.failed', code: 'store_unavailable', error: cause }]);
    expect(warn).toEqual([]);
  });

  test('is logged as an error if the thrown value is not a `RejoinError`', () => {
    const bug = new TypeError('a bug');
    const { code, error } = logged(bug);
    expect(code).toBe('internal');
    expect(error).toMatchObject([{ event: 'request.failed', code: 'internal', error: bug }]);
  });

  test.each(['draining', 'overloaded'] as const)('is logged as a warning if it is an intended refusal: %s', (code) => {
    const { error, warn } = logged(new RejoinError(code));
    expect(error).toEqual([]);
    expect(warn).toMatchObject([{ event: 'request.refused', code }]);
  });

  test('is not logged if the caller can fix it', () => {
    expect(logged(new RejoinError('rate_limited'))).toEqual({ code: 'rate_limited', warn: [], error: [] });
  });
});
