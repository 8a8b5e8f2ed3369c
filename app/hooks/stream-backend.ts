import type { StreamEnvironment } from './stream-environment.ts';
import type { StreamUrls } from './stream-urls.ts';

export interface BackendOptions {
  /**
   * Where the backend is. A string is the part of its URLs before `/start`, `/resume/<id>`, `/status/<id>` and `/cancel/<id>`;
   * default: `/api/stream`. If the four URLs have another form, pass them as an object.
   */
  api?: string | StreamUrls;
  /** Headers for every request, for example a token of your own. A function is called before each request. */
  headers?: HeadersInit | (() => HeadersInit | Promise<HeadersInit>);
  /** Makes the requests. Default: the browser's `fetch`. */
  fetch?: (url: string, init: RequestInit) => Promise<Response>;
}

export function streamUrls(api: string | StreamUrls = '/api/stream'): StreamUrls {
  if (typeof api !== 'string') return api;
  const base = api.endsWith('/') ? api.slice(0, -1) : api;
  const of = (verb: string) => (streamId: string) => `${base}/${verb}/${encodeURIComponent(streamId)}`;
  return { start: `${base}/start`, resume: of('resume'), status: of('status'), cancel: of('cancel') };
}

/** An environment whose requests go to a backend. The options are read anew for each request. */
export function withBackend(environment: StreamEnvironment, options: () => BackendOptions): StreamEnvironment {
  return {
    ...environment,
    urls: () => streamUrls(options().api),
    async fetch(url, init) {
      const { headers, fetch = environment.fetch } = options();
      if (headers === undefined) return fetch(url, init);
      const all = new Headers(typeof headers === 'function' ? await headers() : headers);
      new Headers(init.headers).forEach((value, name) => all.set(name, value));
      return fetch(url, { ...init, headers: all });
    },
  };
}
