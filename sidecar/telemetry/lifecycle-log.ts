import type { Log, LogFields } from '../log.ts';
import { currentRequest, logFieldsOf } from './request-context.ts';
import type { Telemetry } from './telemetry.ts';

/**
 * Logs the main events of streams (`stream.started`, `stream.resumed`, …) and each cleanup. Each event gets one line, with the id of
 * the request that caused the event, if there was one.
 *
 * @param owner the id of this process
 */
export function createLifecycleLog(log: Log, { owner }: { owner?: string }): Telemetry {
  function tell(fields: LogFields): void {
    const request = currentRequest();
    log.info(request === undefined ? fields : { ...fields, ...logFieldsOf(request) });
  }

  return {
    streamStarted: ({ streamId, modelId, servedBy }) =>
      tell({ event: 'stream.started', streamId, modelId, servedBy, owner }),
    streamQueued: ({ streamId, modelId }) => tell({ event: 'stream.queued', streamId, modelId, owner }),
    streamEnded({ streamId, modelId }, { outcome, code, ms, bytes, tokens }) {
      tell({
        event: `stream.${outcome}`,
        streamId,
        modelId,
        owner,
        bytes,
        tokens,
        ms,
        ...(code === null ? {} : { code }),
      });
    },
    streamRecovered({ streamId, modelId }, { lapses, barren, policy, isHandover }) {
      tell({ event: 'stream.recovered', streamId, modelId, lapses, barren, policy, isHandover, owner });
    },
    readerOpened: ({ streamId }, kind) => tell({ event: 'stream.resumed', streamId, kind }),
    swept: (swept, ms) => tell({ event: 'cleanup.swept', ...swept, ms: Math.round(ms) }),
    branchMade() {},
    firstToken() {},
    streamLeft() {},
    readerClosed() {},
    appended() {},
    followed() {},
    refused() {},
    templateUsed() {},
    shareMade() {},
    shareOpened() {},
  };
}
