import { useEffect, useState } from 'react';
import type { LiveStream } from './admin.server.ts';
import { ensureSession } from '~/hooks/stream-environment.ts';

const REFRESH_MS = 5000;

/** The active streams: first those that the server rendered, then those of the last poll. A hidden page does not poll. */
export function useLatestStreams(rendered: readonly LiveStream[]): readonly LiveStream[] {
  const [latest, setLatest] = useState<{ since: readonly LiveStream[]; streams: readonly LiveStream[] } | null>(null);
  useEffect(() => {
    const left = new AbortController();
    async function ask(): Promise<void> {
      if (document.visibilityState !== 'visible') return;
      // Remix's `useFetcher` would show the error page after a failure. With `fetch`, the next poll tries again.
      await ensureSession();
      const response = await fetch('/admin/streams.json', { signal: left.signal });
      if (response.ok) setLatest({ since: rendered, streams: (await response.json()) as LiveStream[] });
    }
    let timer: ReturnType<typeof setTimeout>;
    const askLater = () => {
      timer = setTimeout(
        () =>
          void ask()
            .catch(() => undefined)
            .then(() => left.signal.aborted || askLater()),
        REFRESH_MS,
      );
    };
    askLater();
    return () => {
      left.abort();
      clearTimeout(timer);
    };
  }, [rendered]);
  return latest?.since === rendered ? latest.streams : rendered;
}
