/**
 * `npm run hostile [-- --seconds 60 --streams 100]`: runs honest readers together with a hostile client. Exits with 1 if the
 * hostile client disturbs the readers, or if a process grows too much.
 */
import { parseArgs } from 'node:util';
import { runHostile } from './hostile.ts';
import { figures, shortcomings } from './verdict.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, streams: { type: 'string', default: '100' } },
});
const streams = Number(values.streams);
const report = await runHostile({ streams, seconds: Number(values.seconds), say: (line) => console.log(line) });
for (const line of figures(report)) console.log(line);
const missing = shortcomings(report, { streams, isTimed: true });
for (const line of missing) console.log(`NOT MET: ${line}`);
if (missing.length > 0) process.exitCode = 1;
