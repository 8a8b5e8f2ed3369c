/** The renewals of one stream. Times are by `performance.now()`. */
export interface Heart {
  /** When the last renewal was sent. */
  sentAt: number;
  /** When the last renewal that succeeded was sent. */
  renewedAt: number;
  /** The epoch at the last renewal that succeeded; `null` before the first one. */
  epoch: string | null;
  /** When the last full renewal that succeeded was sent. A full renewal also extends the TTLs. */
  fullAt: number;
  /** When the model last sent something, according to Redis, in milliseconds since 1970. */
  storedActivity: number;
}

/** `-Infinity` makes the first heartbeat renew the lease, because a part of the lease may be over by then. */
export const createHeart = (): Heart => ({
  sentAt: Number.NEGATIVE_INFINITY,
  renewedAt: Number.NEGATIVE_INFINITY,
  epoch: null,
  fullAt: Number.NEGATIVE_INFINITY,
  storedActivity: 0,
});
