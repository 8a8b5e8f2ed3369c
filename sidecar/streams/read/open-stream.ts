import type { EventId } from '../../../shared/stream/event-id.ts';
import type { StreamState } from '../../../shared/stream/stream.ts';
import { publicStatus, type Page, type StreamStore } from '../../store/streams/stream-store.ts';
import type { ResumeKind } from '../../telemetry/telemetry.ts';
import { PAGE_BYTES } from '../log/replay-log.ts';
import { notFound, type Finder } from './find-stream.ts';
import type { LocalStreams } from './local-streams.ts';
import type { ReaderStart } from './reader.ts';

/** Where a reader begins, and the facts for the head of its response. */
export interface Opening {
  from: ReaderStart;
  /** True if the reader begins at the base because the event id that it sent is not on the log (PROTOCOL.md 4.4). */
  isReset: boolean;
  kind: ResumeKind;
  /** True if the stream has ended and the reader already has the whole log. */
  isAtEnd: boolean;
  status: StreamState['status'];
}

export interface OpenerOptions {
  store: Pick<StreamStore, 'read'>;
  streams: LocalStreams;
  finder: Finder;
}

/** Finds out where a reader begins: in this process's memory if the position is kept there, otherwise on a page from the store. */
export function createOpener({ store, streams, finder }: OpenerOptions) {
  return async function open(userId: string, streamId: string, after: EventId | null): Promise<Opening> {
    const local = streams.get(streamId);
    if (local && local.userId === userId && !local.live.isDone) {
      const position = after?.position ?? local.base;
      if (local.live.from(after ?? position) !== null) {
        const kind = after === null ? 'beginning' : position === local.live.shown ? 'live' : 'catch-up';
        return { from: { position, base: local.base }, isReset: false, kind, isAtEnd: false, status: 'active' };
      }
    }
    const page = await finder.find({
      userId,
      streamId,
      wasSeen: after !== null,
      look: () => readPage(streamId, after),
    });
    const status = publicStatus(page.status);
    const isAtEnd =
      page.onLog && status !== 'active' && status !== 'queued' && after !== null && page.position === page.length;
    return { from: page, isReset: !page.onLog, kind: kindOf(page, after), isAtEnd, status };
  };

  async function readPage(streamId: string, after: EventId | null): Promise<Page | null> {
    const page = await store.read(streamId, after ?? 'base', PAGE_BYTES);
    if (page === 'deleted') throw notFound();
    return page === 'gone' ? null : page;
  }
}

function kindOf({ onLog, position, length }: Page, after: EventId | null): ResumeKind {
  if (!onLog) return 'position-lost';
  if (after === null) return 'beginning';
  return position === length ? 'live' : 'catch-up';
}
