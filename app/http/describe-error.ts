import { isRouteErrorResponse } from '@remix-run/react';

export interface DescribedError {
  status: number;
  title: string;
  /** What exactly was wrong, and what to do about it, if that is known. */
  detail?: string;
}

/**
 * Describes an error that reached a page's ErrorBoundary: the problem, if a loader threw one with `pageError`. The shape is
 * checked by hand, because this is in every page's first script, and zod would be too large for that.
 */
export function describeError(error: unknown): DescribedError {
  if (!isRouteErrorResponse(error)) {
    const isOffline = typeof navigator !== 'undefined' && navigator.onLine === false;
    return { status: 500, title: isOffline ? 'You are offline.' : 'Something went wrong on our side.' };
  }
  const { title, detail } = Object(error.data) as { title?: unknown; detail?: unknown };
  if (typeof title === 'string') {
    return { status: error.status, title, ...(typeof detail === 'string' ? { detail } : {}) };
  }
  if (error.status === 404) return { status: 404, title: 'There is no such page.' };
  return { status: error.status, title: error.statusText || 'Something went wrong.' };
}
