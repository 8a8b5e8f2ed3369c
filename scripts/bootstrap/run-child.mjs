import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { watchParent } from './watch-parent.mjs';

/**
 * Runs a program in the foreground and resolves to its exit code (128 + n if signal n ended it). Signals to this process are
 * passed on to the program. When the parent of this process ends, the program gets SIGTERM: if npm is the parent and gets SIGTERM,
 * npm exits without passing the signal on.
 */
export function runChild(command, args, options) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: 'inherit', ...options });
    const forward = (signal) => child.kill(signal);
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
    for (const signal of signals) process.on(signal, forward);
    const endWatch = watchParent(() => child.kill('SIGTERM'));
    const release = () => {
      endWatch();
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
