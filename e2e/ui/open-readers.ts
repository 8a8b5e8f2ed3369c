import type { BrowserContext, Page, Request } from '@playwright/test';

export interface OpenReaders {
  /** Number of connections that read a stream now. */
  readonly count: number;
  /** The kinds of all requests about streams so far, in order. A kind is `status` or `resume`. */
  readonly asked: string[];
}

export function watchReaders(pages: Page | BrowserContext): OpenReaders {
  const open = new Set<Request>();
  const asked: string[] = [];
  const what = (request: Request) => /^\/api\/stream\/(resume|status)\//.exec(new URL(request.url()).pathname)?.[1];
  // Both types have these events, but TypeScript cannot call `on` of their union.
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
