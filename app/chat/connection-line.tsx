import { useEffect, useState } from 'react';
import type { Connection } from '~/hooks/stream-machine.ts';
import { useConnectivity } from '~/ui/browser/connectivity.ts';
import { useWords, type Words } from '~/words/words.ts';

interface ConnectionLineProps {
  connection: Connection;
  running: boolean;
  starting: boolean;
  stopping: boolean;
  /** The text that is shown while there is nothing to say about the connection. */
  otherwise: string;
}

/** A line about the connection, below the composer. It keeps its height while it is empty, and a long text wraps to a second line. */
export function ConnectionLine(props: ConnectionLineProps) {
  const words = useWords();
  const { online } = useConnectivity();
  const isSlow = useLasting(props.starting);
  return (
    <p className="text-muted min-h-5 pt-1 text-center text-xs" data-connection={props.connection.state} role="status">
      {describe(words.status, { ...props, online, isSlow }) || props.otherwise}
    </p>
  );
}

/** If a question that was sent gets no response for this long, the line says that the server cannot be reached. */
const SLOW_MS = 5000;

/** True if `is` has been true for `SLOW_MS` without a break. */
function useLasting(is: boolean): boolean {
  const [lasts, setLasts] = useState(false);
  useEffect(() => {
    setLasts(false);
    if (!is) return;
    const timer = setTimeout(() => setLasts(true), SLOW_MS);
    return () => clearTimeout(timer);
  }, [is]);
  return is && lasts;
}

interface Described extends ConnectionLineProps {
  online: boolean;
  isSlow: boolean;
}

function describe(words: Words['status'], state: Described): string {
  const { connection, running, starting, stopping, online, isSlow } = state;
  const isOffline = !online || (running && connection.state === 'offline');
  const isAway = isOffline || (running && connection.state === 'reconnecting');
  if (stopping && isAway) return words.stopsLater;
  if (isOffline) return starting ? words.offlineSending : running ? words.offlineRunning : words.offline;
  if (isSlow) return words.unreachableSending;
  switch (connection.state) {
    case 'reconnecting':
      return words.reconnecting;
    case 'finished-away':
      return words.finishedAway;
    case 'live':
    case 'catching-up':
    case 'connecting':
    case 'offline':
    case 'paused':
    case 'none':
      return '';
    default:
      return connection satisfies never;
  }
}
