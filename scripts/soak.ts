/**
 * `npm run soak [-- --minutes 15 --streams 300 --sidecars 2]`: starts a Redis and sidecars, puts a steady load on
 * them, and checks whether memory, sockets, Redis keys or other figures grow. Writes docs/soak.md. Exits with 1 if a figure grew
 * during the load, if a figure is still higher after the load than before the load, or if the load had problems.
 */
import { parseArgs } from 'node:util';
import { runSoak } from '../chaos/soak/run.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '15' },
    streams: { type: 'string', default: '300' },
    sidecars: { type: 'string', default: '2' },
  },
});

// At the second Ctrl-C this process exits immediately. Its exit kills Redis and the sidecars.
const interrupted = new AbortController();
process.on('SIGINT', () => {
  if (interrupted.signal.aborted) process.exit(130);
  interrupted.abort();
});

const isFine = await runSoak({
  minutes: Number(values.minutes),
  streams: Number(values.streams),
  sidecars: Number(values.sidecars),
  signal: interrupted.signal,
  say: (line) => console.log(line),
});
if (!isFine) process.exitCode = 1;
