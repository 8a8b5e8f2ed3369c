import { createStreamConnection, type StreamConnection } from './stream-connection.ts';
import type { Held } from './stream-content.ts';
import type { StreamEnvironment } from './stream-environment.ts';

/** Number of streams whose content is kept although no component follows them, in case a component follows them again. */
const KEPT_STREAMS = 8;

/**
 * The streams that this page follows. Components with the same stream share one connection and one text. After the last component
 * of a stream was unmounted, the connection stays open until the next task of the event loop, because React may mount another
 * component with the same stream directly afterwards.
 */
export interface StreamRegistry {
  /**
   * @param environment how requests are made; default: the registry's environment. An existing connection keeps its own.
   * @param held what the server rendered. It is ignored if a component follows the stream, or if the registry has kept at least
   * as much of the stream.
   * @returns the connection, which already follows the stream, and a function that releases it
   */
  acquire(stream: { streamId: string; messageId: string; held?: Held; environment?: StreamEnvironment }): {
    connection: StreamConnection;
    release: () => void;
  };
  nudge(): void;
  /** Drops the content of streams that no component follows any more. */
  forgetUnused(): void;
}

interface Entry {
  connection: StreamConnection;
  users: number;
}

export function createStreamRegistry(defaultEnvironment: StreamEnvironment): StreamRegistry {
  const entries = new Map<string, Entry>();

  function forgetOldest(): void {
    const unused = [...entries].filter(([, entry]) => entry.users === 0);
    for (const [streamId] of unused.slice(0, Math.max(0, unused.length - KEPT_STREAMS))) entries.delete(streamId);
  }

  return {
    acquire({ streamId, messageId, held, environment = defaultEnvironment }) {
      let entry = entries.get(streamId);
      if (!entry || (entry.users === 0 && held && !isAhead(entry.connection, held))) {
        entry?.connection.release();
        entry = { connection: createStreamConnection({ streamId, messageId, held, environment }), users: 0 };
      }
      const taken = entry;
      entries.delete(streamId);
      entries.set(streamId, taken);
      taken.users += 1;
      taken.connection.follow();
      let released = false;
      return {
        connection: taken.connection,
        release() {
          if (released) return;
          released = true;
          taken.users -= 1;
          environment.later(() => {
            if (taken.users === 0) taken.connection.release();
            forgetOldest();
          }, 0);
        },
      };
    },
    forgetUnused() {
      for (const [streamId, { users }] of entries) if (users === 0) entries.delete(streamId);
    },
    nudge() {
      for (const { connection, users } of entries.values()) if (users > 0) connection.nudge();
    },
  };
}

/**
 * True if the connection has at least as much text as the server’s render. An event id is `<epoch>-<position>`. An epoch begins with
 * a number that rises when another process takes over the stream, and when the stream ends. So of two event ids with different
 * epochs, the one with the lower number is older, whatever its position is.
 */
function isAhead(connection: StreamConnection, held: Held): boolean {
  const mine = connection.snapshot();
  if (mine.lastEventId === null || held.lastEventId === null) return held.lastEventId === null;
  const [epoch, position] = splitEventId(mine.lastEventId);
  const [heldEpoch, heldPosition] = splitEventId(held.lastEventId);
  const isLater = Number.parseInt(epoch, 10) > Number.parseInt(heldEpoch, 10);
  return isLater || (epoch === heldEpoch && position >= heldPosition);
}

function splitEventId(eventId: string): [string, number] {
  const at = eventId.lastIndexOf('-');
  return [eventId.slice(0, at), Number(eventId.slice(at + 1))];
}
