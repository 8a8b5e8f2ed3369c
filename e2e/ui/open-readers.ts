import type { BrowserContext, Page, Request } from '@playwright/test';

export interface OpenReaders {
  /** Connections that read a stream now. */
  readonly count: number;
  /** What was asked about streams so far, in order: `status` and `resume`. */
  readonly asked: string[];
}

/** Watches which connections the pages hold to read streams. */
export function watchReaders(pages: Page | BrowserContext): OpenReaders {
  const open = new Set<Request>();
  const asked: string[] = [];
  const what = (request: Request) => /^\/api\/stream\/(resume|status)\//.exec(new URL(request.url()).pathname)?.[1];
  // Both have these events; their types are told apart by the name alone.
  const source = pages as Page;
  source.on('request', (request) => {
    const kind = what(request);
    if (kind) asked.push(kind);
    if (kind === 'resume') open.add(request);
  });
  source.on('requestfinished', (request) => open.delete(request));
  source.on('requestfailed', (request) => open.delete(request));
  return {
    get count() {
      return open.size;
    },
    asked,
  };
}
