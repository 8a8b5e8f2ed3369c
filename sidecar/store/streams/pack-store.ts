/**
 * Packs the logs of streams that have ended (PROTOCOL.md 8.7). The store keeps a list of the streams to pack. A stream stays in this
 * list until it is packed, so a process may die between any two calls.
 */
export interface PackStore {
  /**
   * Notes that these streams have ended, and that their logs are to be packed after `afterMs`. A second note for the same stream does
   * not change the time at which it is to be packed.
   */
  note(streamIds: readonly string[], afterMs: number): Promise<void>;
  /**
   * Takes up to `limit` streams to pack. They are not returned again for `retryMs`. Streams that will be due within `aheadMs`
   * are taken, too.
   */
  take(options: { limit: number; retryMs: number; aheadMs: number }): Promise<string[]>;
  /**
   * Packs one log, and replaces the log by its packed form in one step. `again`: the stream changed meanwhile. The stream stays in
   * the list and is taken again later. `nothing` has one of three reasons: the stream has no unpacked log or has not ended; the
   * frames cannot be packed; packing would save nothing.
   */
  pack(streamId: string): Promise<PackResult>;
}

export type PackResult = { what: 'packed'; bytes: number; packedBytes: number } | { what: 'nothing' | 'again' };
