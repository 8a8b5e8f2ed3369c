/** Settings of a sidecar that takes whatever load a test brings, however busy the machine is: 0 is no limit. */
export const NO_LIMITS = {
  MAX_ACTIVE_STREAMS_PER_USER: '0',
  MAX_STARTS_PER_MINUTE: '0',
  MAX_READERS_PER_STREAM: '0',
  MAX_READERS_PER_USER: '0',
  MAX_STREAMS: '0',
  MAX_HEAP_BYTES: '0',
  MAX_RSS_BYTES: '0',
  MAX_EVENT_LOOP_DELAY_MS: '0',
};
