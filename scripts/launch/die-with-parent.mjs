import { watchParent } from '../bootstrap/watch-parent.mjs';

/**
 * Preloaded (`node --import`) into the processes that the supervisor starts. A supervisor that is killed outright cannot
 * stop them, so each of them watches it, and ends itself and its process group when it is gone. With `node --watch` the
 * supervisor is not the parent, so its id is in the environment.
 */
const GRACE_MS = 2_000;
const supervisor = Number(process.env.SUPERVISOR_PID);

if (supervisor) {
  watchParent(() => {
    process.kill(0, 'SIGTERM');
    setTimeout(() => process.kill(0, 'SIGKILL'), GRACE_MS).unref();
  }, supervisor);
}
