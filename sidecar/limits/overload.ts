import { totalmem } from 'node:os';
import { getHeapStatistics } from 'node:v8';
import underPressure from '@fastify/under-pressure';
import type { FastifyInstance } from 'fastify';
import { RejoinError } from '../../shared/errors.ts';

export interface OverloadLimits {
  /**
   * Limits in bytes for the heap and for the whole process. `null`: the fraction {@link SHARE} of the memory that is available to
   * the heap or to the process. 0: no limit.
   */
  heapBytes: number | null;
  rssBytes: number | null;
  /** Limit for the delay of the event loop, averaged over one second. 0: no limit. */
  eventLoopDelayMs: number;
}

const SHARE = 0.85;
const RETRY_SECONDS = 2;

/**
 * Refuses requests to the routes of `scope` with `overloaded` while this process is short of memory or its event loop is too
 * slow. Answers that are being written continue.
 */
export async function refuseWhenOverloaded(scope: FastifyInstance, limits: OverloadLimits): Promise<void> {
  await scope.register(underPressure, {
    maxHeapUsedBytes: limits.heapBytes ?? SHARE * getHeapStatistics().heap_size_limit,
    maxRssBytes: limits.rssBytes ?? SHARE * availableBytes(),
    maxEventLoopDelay: limits.eventLoopDelayMs,
    pressureHandler: (_request, _reply, type, value) =>
      Promise.reject(
        new RejoinError('overloaded', {
          retryAfterSeconds: RETRY_SECONDS,
          cause: new Error(`${type}: ${Math.round(value ?? 0)}`),
        }),
      ),
  });
}

/** The memory limit of the container; without such a limit, the memory of the machine. */
function availableBytes(): number {
  const constrained = process.constrainedMemory();
  return constrained > 0 ? Math.min(constrained, totalmem()) : totalmem();
}
