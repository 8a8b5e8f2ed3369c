/** The renewals of one stream. Times are by `performance.now()`. */
export interface Heart {
  /** When the last renewal was sent. */
  sentAt: number;
  /** When the last renewal that succeeded was sent. */
  renewedAt: number;
  /** The epoch that it renewed. */
  epoch: string | null;
  /** When the last full renewal that succeeded was sent. */
  fullAt: number;
  /** The last activity that is stored, in milliseconds since 1970. */
  storedActivity: number;
}

/** `isLeaseNew`: the lease has begun just now. Otherwise the first heartbeat renews it. */
export const createHeart = ({ isLeaseNew }: { isLeaseNew: boolean }): Heart => ({
  sentAt: Number.NEGATIVE_INFINITY,
  renewedAt: isLeaseNew ? performance.now() : Number.NEGATIVE_INFINITY,
  epoch: null,
  fullAt: Number.NEGATIVE_INFINITY,
  storedActivity: 0,
});
