import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const PARENT_CHECK_MS = 500;

/**
 * Runs a program in the foreground and resolves to its exit code (128 + n if signal n ended it). Signals to this process are
 * passed on. If npm is ended by SIGTERM, it does not pass the signal on. So the end of the parent counts as SIGTERM, too.
 */
export function runChild(command, args, options) {
  const parent = process.ppid;
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    const forward = (signal) => child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    const watch = setInterval(() => {
      if (process.ppid === parent) return;
      clearInterval(watch); // stop watching: a second signal would mean "exit at once"
      child.kill('SIGTERM');
    }, PARENT_CHECK_MS);
    const release = () => {
      clearInterval(watch);
      for (const signal of signals) process.off(signal, forward);
    };
    child.once('error', (error) => {
      release();
      reject(error);
    });
    child.once('exit', (code, signal) => {
      release();
      resolve(code ?? 128 + constants.signals[signal]);
    });
  });
}
