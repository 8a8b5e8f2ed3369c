/** A server or a proxy may accept a request and never answer it. The browser alone would wait for minutes. */
const MAX_WAIT_MS = 20_000;

/** Requests JSON from this app. The promise rejects if the response does not come in time, or breaks off while it is read. */
export const getJson = (path: string): Promise<Response> =>
  fetch(path, { headers: { Accept: 'application/json' }, signal: AbortSignal.timeout(MAX_WAIT_MS) });
