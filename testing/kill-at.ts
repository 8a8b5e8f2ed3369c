import { Socket } from 'node:net';
import { SCRIPTS } from '../sidecar/store/redis/scripts.ts';

/**
 * A test loads this module into a sidecar with `node --import`. The sidecar then kills itself at the write to Redis that `KILL_AT`
 * names.
 *
 *     KILL_AT='settle after'            after Redis has executed the script settle.lua, before the process reads the reply
 *     KILL_AT='settle, begin before'    after settle.lua was sent, before the script begin.lua is sent
 *     KILL_AT='settle, ZADD before'     after settle.lua was sent, before the plain command ZADD is sent
 */
const [steps = '', when] = (process.env.KILL_AT ?? '').split(/ (?=before$|after$)/);
const wanted = steps.split(', ').map((name) => {
  const script = Object.entries(SCRIPTS).find(([known]) => known === name)?.[1];
  return script === undefined ? `\r\n${name}\r\n` : script.SHA1;
});
/** Enough time for Redis to execute what was sent. */
const CARRIED_OUT_MS = 60;

const write = Socket.prototype.write;
Socket.prototype.write = function killing(this: Socket, ...args: Parameters<typeof write>): boolean {
  const text = typeof args[0] === 'string' ? args[0] : Buffer.from(args[0]).toString('latin1');
  while (wanted.length > 1 && text.includes(wanted[0]!)) wanted.shift();
  const isThere = wanted.length === 1 && text.includes(wanted[0]!);
  if (isThere && when === 'before') process.kill(process.pid, 'SIGKILL');
  const result = write.apply(this, args);
  if (isThere) {
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, CARRIED_OUT_MS);
    process.kill(process.pid, 'SIGKILL');
  }
  return result;
} as typeof write;
