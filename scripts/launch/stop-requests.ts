import { watchParent } from '../bootstrap/watch-parent.mjs';

/** One Ctrl-C arrives several times: from the terminal, from npm, from the bootstrap. */
const SAME_REQUEST_MS = 1_000;

export interface StopRequests {
  /** Aborted when this process is asked to end. */
  stop: AbortSignal;
  /** Aborted when it is asked again after a second or more: the person does not want to wait. */
  hurry: AbortSignal;
  release(): void;
}

/**
 * Watches for what asks this process to end: Ctrl-C, SIGTERM, the terminal's hangup, or its parent gone (npm that is
 * ended by SIGTERM leaves its script behind). From here on none of these ends the process by itself.
 */
export function watchStopRequests(): StopRequests {
  const stop = new AbortController();
  const hurry = new AbortController();
  let askedAt = 0;
  const ask = () => {
    if (!stop.signal.aborted) {
      askedAt = performance.now();
      stop.abort();
    } else if (performance.now() - askedAt > SAME_REQUEST_MS) {
      hurry.abort();
    }
  };
  const endWatch = watchParent(() => !stop.signal.aborted && ask());
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
  for (const signal of signals) process.on(signal, ask);
  // The terminal may be gone before we are: what is written then must not end us before the children have ended.
  const outputs = [process.stdout, process.stderr];
  for (const output of outputs) output.on('error', ignore);
  return {
    stop: stop.signal,
    hurry: hurry.signal,
    release() {
      endWatch();
      for (const signal of signals) process.off(signal, ask);
      for (const output of outputs) output.off('error', ignore);
    },
  };
}

const ignore = () => {};
