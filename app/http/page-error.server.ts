import { data } from '@remix-run/node';
import { ERRORS, RejoinError, toProblem } from '../../shared/errors.ts';

/**
 * The value that a page's loader or action throws so that its ErrorBoundary can show what happened: the problem with
 * its status. Other errors are passed through, and Remix hides their text from people.
 */
export const pageError = (thrown: unknown): unknown =>
  thrown instanceof RejoinError ? data(toProblem(thrown), { status: ERRORS[thrown.code].status }) : thrown;
