import { RejoinError } from '../../../shared/errors.ts';
import { NOW } from '../../../shared/chat/forks.ts';
import type { MessagePart, StoredMessage } from '../../../shared/chat/messages.ts';
import { formatEventId, parseEventId } from '../../../shared/stream/event-id.ts';
import type { MessageFold } from '../../../shared/stream/fold.ts';
import { isRunning, type StreamMeta, type StreamStore } from '../../store/streams/stream-store.ts';
import { replayLog } from '../../streams/log/replay-log.ts';

/** How much of a message is copied. */
export type Part =
  /**
   * The whole message, as it is stored. `at`: the event id of its last frame; `null` if the request did not ask for a part, or if the log
   * is gone.
   */
  | { kind: 'whole'; at: string | null }
  /** The beginning of an answer, up to the event id `at`. */
  | { kind: 'part'; at: string; message: StoredMessage };

export interface PartOptions {
  store: Pick<StreamStore, 'read'>;
  /** The stream that writes the message, or has written it; `null` if there is none (any more). */
  stream: { streamId: string; meta: StreamMeta } | null;
  /** An event id, `now`, or `null` for the whole message. */
  at: string | null;
}

/**
 * PROTOCOL.md 5.6: finds out how much of a message is copied. A part is made from exactly the frames that a reader has received
 * up to the event id.
 */
export async function partOfAnswer({ store, stream, at }: PartOptions): Promise<Part> {
  if (at === null) {
    if (stream && isRunning(stream.meta.status)) {
      throw new RejoinError('stream_active', {
        detail: 'Wait until the answer has ended, or send "at": the event id up to which it is copied.',
        extra: { streamId: stream.streamId },
      });
    }
    return { kind: 'whole', at: null };
  }
  if (stream === null) {
    if (at === NOW) return { kind: 'whole', at: null };
    throw notOnLog();
  }
  const { streamId, meta } = stream;
  const id = at === NOW ? null : parseEventId(at);
  if (id === null && !isRunning(meta.status)) return { kind: 'whole', at: endOf(meta) };
  if (id !== null) {
    const page = await store.read(streamId, id, 1);
    if (typeof page === 'string' || !page.onLog) throw notOnLog();
    if (!isRunning(page.status) && id.position === page.length) return { kind: 'whole', at };
  }
  const log = await replayLog({
    store,
    streamId,
    messageId: meta.messageId,
    fromStart: true,
    ...(id === null ? {} : { until: id.position }),
  });
  if (log === null || log.lastEventId === null || log.isBroken) throw notOnLog();
  const last = formatEventId(log.lastEventId);
  // The log was rewritten between the check of the event id and the replay.
  if (id !== null && last !== at) throw notOnLog();
  if (id === null && !isRunning(log.page.status)) return { kind: 'whole', at: last };
  return { kind: 'part', at: last, message: partial(log.fold, meta) };
}

const endOf = ({ epoch, length }: StreamMeta): string => formatEventId({ epoch, position: length });

const notOnLog = () =>
  new RejoinError('event_not_on_log', {
    detail: 'Load the answer again, and branch from a place that it has now.',
  });

/**
 * The message so far, in a form that can be continued. Texts that are still being written are marked as done, and half a
 * surrogate pair at their end is dropped. Tool calls without a result are left out.
 */
function partial(fold: MessageFold, { messageId, parentId, startTime, modelId }: StreamMeta): StoredMessage {
  const open = new Map(fold.open.map(({ part, kind }) => [part, kind]));
  const parts = fold.message.parts.flatMap((part) => {
    const kind = open.get(part);
    return kind === undefined ? [part] : kind === 'tool' ? [] : [ended(part)];
  });
  return {
    ...fold.message,
    id: messageId,
    parts,
    parentId: parentId === '' ? null : parentId,
    createdAt: startTime,
    modelId,
    status: 'partial',
  };
}

function ended(part: MessagePart): MessagePart {
  const text = String(part.text);
  const last = text.charCodeAt(text.length - 1);
  const isHalf = last >= 0xd800 && last <= 0xdbff;
  return { ...part, text: isHalf ? text.slice(0, -1) : text, state: 'done' };
}
