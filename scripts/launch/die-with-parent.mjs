import { watchParent } from '../bootstrap/watch-parent.mjs';

/**
 * Preloaded (`node --import`) into the processes that the supervisor starts. A supervisor that gets SIGKILL cannot stop them.
 * So each process watches the supervisor. When the supervisor is gone, the process ends its own process group. With
 * `node --watch` the supervisor is not the parent of the process, so SUPERVISOR_PID holds the supervisor's id.
 */
const GRACE_MS = 2_000;
const supervisor = Number(process.env.SUPERVISOR_PID);

if (supervisor) {
  watchParent(() => {
    process.kill(0, 'SIGTERM');
    setTimeout(() => process.kill(0, 'SIGKILL'), GRACE_MS).unref();
  }, supervisor);
}
