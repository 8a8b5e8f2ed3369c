const CHECK_MS = 500;

/**
 * Calls `onGone` once when the parent of this process has ended. With `pid`, watches the ancestor that has this id instead of the
 * parent. Returns a function that ends the watch. The watch does not keep this process alive.
 */
export function watchParent(onGone, pid = process.ppid) {
  // When our parent ends, our parent id changes immediately. For other ancestors there is only isAlive(), which is less exact: a dead
  // process that its own parent has not reaped yet still looks alive.
  const isChild = process.ppid === pid;
  const isThere = () => (isChild ? process.ppid === pid : isAlive(pid));
  const timer = setInterval(() => {
    if (isThere()) return;
    clearInterval(timer);
    onGone();
  }, CHECK_MS);
  timer.unref();
  return () => clearInterval(timer);
}

/** True if a process with this id exists. It may belong to another user. */
export function isAlive(pid) {
  if (pid === 0) return false; // 0 would mean our own process group.
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
