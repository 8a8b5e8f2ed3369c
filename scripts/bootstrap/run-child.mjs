import { spawn } from 'node:child_process';
import { constants } from 'node:os';

const PARENT_CHECK_MS = 500;

/**
 * Runs a program in the foreground and resolves to its exit code (128 + n where signal n ended it). Signals to this
 * process are passed on; npm that is ended by SIGTERM takes nothing along, so a parent that is gone counts as one.
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
      clearInterval(watch); // said twice it would mean: at once
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
