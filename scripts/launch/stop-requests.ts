import { watchParent } from '../bootstrap/watch-parent.mjs';

/** Requests within this time count as one, because one Ctrl-C arrives several times: from the terminal, from npm, from the bootstrap. */
const SAME_REQUEST_MS = 1_000;

export interface StopRequests {
  /** Aborted when this process is asked to end. */
  stop: AbortSignal;
  /** Aborted when this process is asked again more than a second later, because the person does not want to wait. */
  hurry: AbortSignal;
  release(): void;
}

/**
 * Watches for requests to end this process: Ctrl-C, SIGTERM, SIGHUP of the terminal, or the end of the parent process. The parent is
 * watched because an npm that gets SIGTERM exits without stopping the script that it runs. Until `release` is called, these signals
 * do not end this process by themselves.
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
  // If the terminal is gone, writing to it fails. This error must not end this process before its children have ended.
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
