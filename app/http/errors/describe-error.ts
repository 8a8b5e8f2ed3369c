import { isRouteErrorResponse } from '@remix-run/react';

export interface DescribedError {
  /** `null` if the error is not a response of the server. */
  status: number | null;
  code: string | null;
  title: string | null;
  /** What exactly was wrong and what to do about it; `null` if unknown. */
  detail: string | null;
}

/**
 * What is known about an error that reached a page's ErrorBoundary. The shape is checked by hand, because zod would make the
 * first script of every page larger.
 */
export function describeError(error: unknown): DescribedError {
  if (!isRouteErrorResponse(error)) return { status: null, code: null, title: null, detail: null };
  const { title, detail, code } = Object(error.data) as { title?: unknown; detail?: unknown; code?: unknown };
  const text = (value: unknown) => (typeof value === 'string' ? value : null);
  return { status: error.status, code: text(code), title: text(title), detail: text(detail) };
}
