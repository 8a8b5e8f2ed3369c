import type { Connection } from '~/hooks/stream-machine.ts';

/** One quiet line on how the answer comes in. It keeps its place when it has nothing to say. */
export function ConnectionLine({ connection, running }: { connection: Connection; running: boolean }) {
  const text = describe(connection, running);
  return (
    <p className="text-muted h-5 pt-1 text-center text-xs" data-connection={connection.state}>
      {text}
    </p>
  );
}

function describe(connection: Connection, running: boolean): string {
  switch (connection.state) {
    case 'live':
      return 'Live';
    case 'catching-up':
      return 'Catching up…';
    case 'connecting':
      return running ? 'Connecting…' : '';
    case 'reconnecting':
      return `Reconnecting (${connection.attempt})…`;
    case 'offline':
      return 'Offline. The answer goes on being written, and comes when you are back.';
    case 'finished-away':
      return 'Finished while you were away';
    case 'paused':
    case 'none':
      return '';
    default:
      return connection satisfies never;
  }
}
