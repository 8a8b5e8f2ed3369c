import { inRoot } from '../scripts/shared/paths.ts';

/**
 * Lets the processes that tests start share a cache of compiled code. A sidecar then starts with half the work, and a run
 * starts hundreds of processes.
 */
export function shareCompiledCode(): void {
  process.env.NODE_COMPILE_CACHE ??= inRoot('node_modules/.cache/compiled');
}
