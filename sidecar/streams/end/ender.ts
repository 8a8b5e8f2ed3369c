import type { StreamOutcome } from '../../../shared/stream/stream.ts';
import type { StreamError } from '../../../shared/stream/stream-errors.ts';
import { epochSuffix } from '../../store/streams/epoch.ts';
import type { StreamStore } from '../../store/streams/stream-store.ts';
import type { Telemetry } from '../../telemetry/telemetry.ts';
import { closeSealed } from './close-sealed.ts';
import type { Settler } from './settle.ts';

export interface EnderOptions {
  store: StreamStore;
  settler: Settler;
  telemetry: Telemetry;
}

/** Ends streams without the process that writes them: the seal decides the outcome, and the close writes the end. */
export interface Ender {
  /** `ownerEpoch`: an active stream is ended only if it has this epoch. */
  end(streamId: string, outcome: StreamOutcome, error: StreamError | null, ownerEpoch?: string): Promise<void>;
  /** Closes a stream that is sealed already. False if it is not sealed, or if it changed meanwhile and the end was refused. */
  closeSealed(streamId: string): Promise<boolean>;
}

export function createEnder({ store, settler, telemetry }: EnderOptions): Ender {
  const close = (streamId: string) => closeSealed({ store, settler, telemetry, streamId });
  return {
    async end(streamId, outcome, error, ownerEpoch) {
      await store.seal(streamId, { suffix: epochSuffix(), outcome, error, ownerEpoch });
      await close(streamId);
    },
    closeSealed: close,
  };
}
