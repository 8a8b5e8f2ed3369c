import { watchParent } from '../bootstrap/watch-parent.mjs';

/**
 * Preloaded (`node --import`) into the processes that the supervisor starts. A supervisor that gets SIGKILL cannot stop these
 * processes. So each process watches the supervisor, and ends its own process group when the supervisor is gone. SUPERVISOR_PID holds
 * the supervisor's id, because with `node --watch` the supervisor is not the parent of the process.
 */
const GRACE_MS = 2_000;
const supervisor = Number(process.env.SUPERVISOR_PID);

if (supervisor) {
  watchParent(() => {
    process.kill(0, 'SIGTERM');
    setTimeout(() => process.kill(0, 'SIGKILL'), GRACE_MS).unref();
  }, supervisor);
}
