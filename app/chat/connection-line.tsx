import type { Connection } from '~/hooks/stream-machine.ts';
import { useConnectivity } from '~/ui/connectivity.ts';
import { useWords, type Words } from '~/words/words.ts';
import type { Ending } from './use-conversation.ts';

interface ConnectionLineProps {
  connection: Connection;
  running: boolean;
  starting: boolean;
  stopping: boolean;
  ending: Ending | null;
}

/** One line about the connection below the field. While all is well it is empty, but keeps its space. */
export function ConnectionLine(props: ConnectionLineProps) {
  const words = useWords();
  const { online } = useConnectivity();
  return (
    <p className="text-muted h-5 pt-1 text-center text-xs" data-connection={props.connection.state} role="status">
      {describe(words.status, { ...props, online })}
    </p>
  );
}

function describe(words: Words['status'], state: ConnectionLineProps & { online: boolean }): string {
  const { connection, running, starting, stopping, ending, online } = state;
  const isOffline = !online || (running && connection.state === 'offline');
  const isAway = isOffline || (running && connection.state === 'reconnecting');
  if (stopping && isAway) return words.stopsLater;
  if (isOffline) return starting ? words.offlineSending : running ? words.offlineRunning : words.offline;
  switch (connection.state) {
    case 'reconnecting':
      return words.reconnecting;
    case 'finished-away':
      // Who stopped it knows that it has ended.
      return ending?.how === 'stopped' ? '' : words.finishedAway;
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
