import type { Owner, Quota } from '../limits/quota.ts';
import type { ShareStore, StoredShare } from '../store/shares/share-store.ts';
import type { StreamStore } from '../store/streams/stream-store.ts';

/** Ends public pages, and tells every sidecar, so that the readers of these pages are cut off. */
export interface ShareEnds {
  /** Cuts the readers of a page whose settings have changed, so that they load it again. */
  cutReaders(shareId: string): Promise<void>;
  end(owner: Owner, shares: readonly StoredShare[]): Promise<void>;
  /** The ids of a chat's pages. */
  listed(ownerId: string, chatId: string): Promise<string[]>;
  /** Deletes what is left of pages that do not exist any more, for example because their chat was deleted. */
  forget(owner: Owner, shareIds: readonly string[]): Promise<void>;
}

export function createShareEnds({
  store,
  streams,
  quota,
}: {
  store: ShareStore;
  streams: Pick<StreamStore, 'announce'>;
  quota?: Pick<Quota, 'recordShares'>;
}): ShareEnds {
  const announce = (shareIds: readonly string[]): Promise<void> =>
    streams.announce({ type: 'shares', shareIds }).catch(() => {
      /* each sidecar also checks the pages of its readers every few seconds */
    });

  async function tell(owner: Owner, shareIds: readonly string[]): Promise<void> {
    if (shareIds.length === 0) return;
    await announce(shareIds);
    await quota?.recordShares(
      owner,
      shareIds.map((shareId) => ({ shareId, bytes: 0, ttlMs: 0 })),
    );
  }

  return {
    cutReaders: (shareId) => announce([shareId]),

    async end(owner, shares) {
      await Promise.all(shares.map((share) => store.remove(share)));
      await tell(
        owner,
        shares.map(({ shareId }) => shareId),
      );
    },

    listed: (ownerId, chatId) => store.ofChat(ownerId, chatId),

    async forget(owner, shareIds) {
      await store.forget(owner.userId, shareIds);
      await tell(owner, shareIds);
    },
  };
}
