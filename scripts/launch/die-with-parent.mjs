/**
 * Preloaded (`node --import`) into what the supervisor starts. If the supervisor is killed outright it can stop
 * nobody, so each child looks whether it is still there, and otherwise ends itself and its process group.
 */
const CHECK_MS = 1_000;
const GRACE_MS = 2_000;
const supervisor = Number(process.env.SUPERVISOR_PID);

if (supervisor) {
  const timer = setInterval(() => {
    if (isAlive(supervisor)) return;
    clearInterval(timer);
    process.kill(0, 'SIGTERM');
    setTimeout(() => process.kill(0, 'SIGKILL'), GRACE_MS).unref();
  }, CHECK_MS);
  timer.unref();
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
