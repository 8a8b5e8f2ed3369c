/** Functions, sharded pub/sub: the store's scripts need Redis 7, or Valkey, which began as 7.2. */
export const OLDEST_REDIS = 7;

export const isNewEnough = (version: string): boolean => Number.parseInt(version, 10) >= OLDEST_REDIS;
