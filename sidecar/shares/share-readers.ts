import type { ServerResponse } from 'node:http';
import type { StoredShare } from '../store/shares/share-store.ts';
import type { StreamStore } from '../store/streams/stream-store.ts';
import type { ShareReading } from './read-shares.ts';
import { settingsOf } from './share-settings.ts';

/**
 * The responses of this process that follow an answer on a public page. They are cut when the page ends, and when its settings
 * change.
 */
export interface ShareReaders {
  /** Adds a response. Returns the function that removes it. */
  enter(share: StoredShare, response: ServerResponse): () => void;
  /**
   * Cuts the responses whose page has ended or has other settings now. The announcement of an end or a change may be lost, so
   * `check` is called every few seconds.
   */
  check(): Promise<void>;
}

interface Reader {
  /** The digest of the page's settings (`settingsOf`) when the response began. */
  settings: string;
}

export function createShareReaders({
  streams,
  reading,
}: {
  streams: Pick<StreamStore, 'onAnnouncement'>;
  reading: Pick<ShareReading, 'settingsOf'>;
}): ShareReaders {
  /** The responses of each page, by the id of the page. */
  const readers = new Map<string, Map<ServerResponse, Reader>>();

  function cut(shareId: string): void {
    for (const response of readers.get(shareId)?.keys() ?? []) response.socket?.resetAndDestroy();
  }

  streams.onAnnouncement((announcement) => {
    if (announcement.type === 'shares') for (const shareId of announcement.shareIds) cut(shareId);
  });

  return {
    enter(share, response) {
      const { shareId, expiresAtMs } = share;
      const ofPage = readers.get(shareId) ?? new Map<ServerResponse, Reader>();
      readers.set(shareId, ofPage);
      // The timer may end before the page expires: because of `MAX_TIMER_MS`, or because the page was given more time. A reader that
      // is cut too early connects again.
      const inMs = Math.min(Math.max(0, expiresAtMs - Date.now()), MAX_TIMER_MS);
      const timer = setTimeout(() => response.socket?.resetAndDestroy(), inMs);
      timer.unref();
      ofPage.set(response, { settings: settingsOf(share) });
      return () => {
        clearTimeout(timer);
        ofPage.delete(response);
        if (ofPage.size === 0 && readers.get(shareId) === ofPage) readers.delete(shareId);
      };
    },

    async check() {
      await Promise.all(
        [...readers].map(async ([shareId, ofPage]) => {
          const now = await reading.settingsOf(shareId);
          for (const [response, { settings }] of ofPage) if (settings !== now) response.socket?.resetAndDestroy();
        }),
      );
    },
  };
}

/** The longest delay of a timer in Node. */
const MAX_TIMER_MS = 2_147_483_647;
