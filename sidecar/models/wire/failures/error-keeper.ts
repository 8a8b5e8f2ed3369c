import type { ErrorReport } from './error-frame.ts';

/**
 * Remembers the failures that the frames of one response report. A certain one ends the answer. Any other one may be the failure of a
 * search, of a tool or of another server that was asked first, so it counts only if the answer does not go on and end well:
 *
 *     event: search_error → {"delta":{"content":"…"}} → {"finish_reason":"stop"}      the answer is complete
 *     {"code":500,"message":"…"} → {"finish_reason":"stop"}                           the answer has failed
 */
export function createErrorKeeper() {
  let error: unknown;
  let doubt: ErrorReport | undefined;
  let hasContentAfter = false;

  return {
    /** `reason`: the reason to finish that came before this frame. After it, an uncertain failure does not concern the answer. */
    note(report: ErrorReport | undefined, reason: string | null): void {
      if (report === undefined) return;
      if (report.isSure) error ??= report.document;
      else if (reason === null) {
        doubt = report;
        hasContentAfter = false;
      }
    },
    noteContent(): void {
      hasContentAfter = true;
    },
    /** The document with a certain failure. */
    get error(): unknown {
      return error;
    },
    /** The document with an uncertain failure, if the answer has not gone on since. `reason`: the last reason to finish. */
    doubt(reason: string | null): unknown {
      if (doubt === undefined) return undefined;
      const signs = [doubt.isSide === true, hasContentAfter, reason !== null].filter(Boolean).length;
      return signs >= 2 ? undefined : doubt.document;
    },
  };
}
