import { data } from '@remix-run/node';
import { ERRORS, RejoinError, toProblem } from '../../../shared/errors.ts';

/**
 * Converts an error to the value that a page's loader or action throws. A `RejoinError` becomes a problem with its HTTP status,
 * which the ErrorBoundary of the page shows. Other errors are passed through, and Remix hides their text from people.
 */
export const pageError = (thrown: unknown): unknown =>
  thrown instanceof RejoinError ? data(toProblem(thrown), { status: ERRORS[thrown.code].status }) : thrown;
