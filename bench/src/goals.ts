/**
 * node src/goals.ts results/a.jsonl [more.jsonl]
 *
 * Prints the goals of the sidecar and the measured values, as one Markdown table. Values are medians over all runs in the given
 * files. Only the number of readers that reach the end after a crash is the value of the worst run. In the table, "limit" is the
 * server `memory/http`, which sends chunks from memory and stores nothing. "× limit" is a value divided by that server's value. "From
 * due" is a latency that is measured from the moment at which a chunk was due. The "state copy" is the JSON at `stream:<id>` that the
 * sidecar keeps in Redis besides a stream's log.
 */
import { medianOf, readRows } from './rows.ts';

const rows = readRows(process.argv.slice(2));
const LIMIT = 'memory/http';

const of = (test: string, key: string, metric: string, adapter = 'rejoin') =>
  medianOf(rows, test, key, adapter, metric);

interface Goal {
  id: string;
  what: string;
  /** `value` was measured; `bound` is the largest (with `atLeast`: the smallest) value that meets the goal. */
  value: number;
  bound: number;
  atLeast?: boolean;
  unit?: string;
  /** The result that contains the CPU use of the load generator and of Redis during this measurement. */
  row?: [test: string, key: string, adapter?: string];
}

const perLimit = (test: string, key: string, metric: string, adapter = 'rejoin', limit = LIMIT) =>
  of(test, key, metric, adapter) / of(test, key, metric, limit);

/** Returns the number of readers that reached the end of their stream after the crash of test T7, in the worst run. */
function ended(which: 'resumed' | 'fresh'): number {
  const runs = rows.filter((row) => row.test === 't7' && row.adapter === 'rejoin').map((row) => row.metrics[which]);
  return Math.min(...runs.map((text) => Number(/finished: (\d+)/.exec(String(text))?.[1] ?? 0)));
}

const goals: Goal[] = [
  {
    id: 'G1',
    what: '1000 streams × 100 chunks/s: share delivered',
    value: of('t1', 'S=1000', 'delivered_ratio'),
    bound: 0.98,
    atLeast: true,
    row: ['t1', 'S=1000'],
  },
  {
    id: 'G1',
    what: '… p99 from due, × limit',
    value: perLimit('t1', 'S=1000', 'total_p99_ms'),
    bound: 3,
    row: ['t1', 'S=1000'],
  },
  {
    id: 'G2',
    what: 'CPU per chunk with 100 streams, × limit',
    value: perLimit('t1', 'S=100', 'server_us_per_chunk'),
    bound: 1.2,
    row: ['t1', 'S=100'],
  },
  {
    id: 'G2',
    what: 'CPU per chunk with 1000 streams, × limit',
    value: perLimit('t1', 'S=1000', 'server_us_per_chunk'),
    bound: 0.8,
    row: ['t1', 'S=1000'],
  },
  {
    id: 'G3',
    what: 'round trips to Redis per chunk, 1000 streams',
    value: of('t1', 'S=1000', 'redis_script_calls_per_chunk'),
    bound: 0.1,
    row: ['t1', 'S=1000'],
  },
  {
    id: 'G3',
    what: 'CPU of Redis per chunk, 1000 streams',
    value: of('t1', 'S=1000', 'redis_us_per_chunk'),
    bound: 2,
    unit: 'µs',
    row: ['t1', 'S=1000'],
  },
  {
    id: 'G3',
    what: 'connections to Redis, 1000 readers',
    value: of('t2', 'R=1000', 'redis_clients'),
    bound: 4,
  },
  {
    id: 'G4',
    what: '1 stream × 1000 readers: share delivered',
    value: of('t2', 'R=1000', 'delivered_ratio'),
    bound: 0.98,
    atLeast: true,
    row: ['t2', 'R=1000'],
  },
  {
    id: 'G4',
    what: '… CPU per delivery, × limit',
    value: perLimit('t2', 'R=1000', 'server_us_per_chunk'),
    bound: 0.6,
    row: ['t2', 'R=1000'],
  },
  {
    id: 'G4',
    what: '1 stream × 2500 readers: share delivered',
    value: of('t2', 'R=2500', 'delivered_ratio'),
    bound: 0.98,
    atLeast: true,
    row: ['t2', 'R=2500'],
  },
  {
    id: 'G4',
    what: '… p99',
    value: of('t2', 'R=2500', 'p99_ms'),
    bound: 100,
    unit: 'ms',
    row: ['t2', 'R=2500'],
  },
  {
    id: 'G5',
    what: 'model to a waiting reader, p50 minus that of the limit',
    value: of('t5', 'first', 'model_p50_ms') - of('t5', 'first', 'model_p50_ms', LIMIT),
    bound: 0.5,
    unit: 'ms',
  },
  {
    id: 'G5',
    what: '… after 400 starts',
    value: of('t5', 'first', 'warm_model_p50_ms') - of('t5', 'first', 'warm_model_p50_ms', LIMIT),
    bound: 0.5,
    unit: 'ms',
  },
  {
    id: 'G5',
    what: 'POST to first chunk, p50 minus that of the limit',
    value: of('t5', 'first', 'post_p50_ms') - of('t5', 'first', 'post_p50_ms', LIMIT),
    bound: 1,
    unit: 'ms',
  },
  {
    id: 'G5',
    what: '… after 400 starts',
    value: of('t5', 'first', 'warm_post_p50_ms') - of('t5', 'first', 'warm_post_p50_ms', LIMIT),
    bound: 1,
    unit: 'ms',
  },
  {
    id: 'G6',
    what: '100,000 chunks read by a server that was just started, × limit (which has them in memory)',
    value: of('t3', 'n=100000', 'cold_done_ms') / of('t3', 'n=100000', 'zero_done_ms', LIMIT),
    bound: 1.5,
  },
  { id: 'G6', what: '… first byte', value: of('t3', 'n=100000', 'cold_first_ms'), bound: 10, unit: 'ms' },
  { id: 'G6', what: '… extra memory', value: of('t3', 'n=100000', 'cold_extra_mb'), bound: 2, unit: 'MB' },
  {
    id: 'G6',
    what: '100 readers of 10,000 chunks at once, × limit',
    value: perLimit('t3', 'n=10000', 'storm_all_ms'),
    bound: 1.2,
  },
  {
    id: 'G6',
    what: 'resume at the end: response headers',
    value: of('t3', 'n=100000', 'end_head_ms'),
    bound: 3,
    unit: 'ms',
  },
  {
    id: 'G6',
    what: 'a finished stream, first byte',
    value: of('t3', 'n=100000', 'finished_first_ms'),
    bound: 3,
    unit: 'ms',
  },
  {
    id: 'G7',
    what: '50 streams, random disconnects: chunks lost or repeated',
    value: of('t6', '50x400', 'lost_chunks') + of('t6', '50x400', 'duplicated_chunks'),
    bound: 0,
  },
  {
    id: 'G7',
    what: 'owner killed: chunks that were shown and are gone',
    value: of('t7', '20 streams', 'seen_but_gone'),
    bound: 0,
  },
  {
    id: 'G7',
    what: '… readers that reached the end afterwards, of 40',
    value: ended('resumed') + ended('fresh'),
    bound: 40,
    atLeast: true,
  },
  { id: 'G8', what: 'memory of an idle reader', value: of('t4', '100x10', 'rss_kb_per_reader'), bound: 28, unit: 'KB' },
  {
    id: 'G8',
    what: 'memory of a reader that stopped reading a 15 MB stream',
    value: of('t9', '50 stalled', 'mb_per_reader'),
    bound: 1.5,
    unit: 'MB',
  },
  {
    id: 'G9',
    what: 'through the app, 500 streams × 20 chunks/s: share delivered',
    value: of('t10', 'S=500 at 20/s', 'delivered_ratio', 'rejoin/app'),
    bound: 0.98,
    atLeast: true,
    row: ['t10', 'S=500 at 20/s', 'rejoin/app'],
  },
  {
    id: 'G9',
    what: '… CPU per chunk, × a bare fetch proxy',
    value: perLimit('t10', 'S=500 at 20/s', 'server_us_per_chunk', 'rejoin/app', 'proxy/fetch'),
    bound: 1.3,
    row: ['t10', 'S=500 at 20/s', 'rejoin/app'],
  },
  {
    id: 'G9',
    what: '… connections to the sidecar after the readers left',
    value: of('t10', 'S=500 at 20/s', 'upstreams_left', 'rejoin/app'),
    bound: 0,
  },
  {
    id: 'G10',
    what: 'at a follower, 500 streams × 100 chunks/s: share delivered',
    value: of('t1', 'S=500', 'delivered_ratio', 'rejoin/follower'),
    bound: 0.98,
    atLeast: true,
    row: ['t1', 'S=500', 'rejoin/follower'],
  },
  {
    id: 'G10',
    what: '… p99 from due, × limit',
    value: perLimit('t1', 'S=500', 'total_p99_ms', 'rejoin/follower'),
    bound: 3,
    row: ['t1', 'S=500', 'rejoin/follower'],
  },
  {
    id: 'G10',
    what: '… 1 stream × 1000 readers: share delivered',
    value: of('t2', 'R=1000', 'delivered_ratio', 'rejoin/follower'),
    bound: 0.98,
    atLeast: true,
    row: ['t2', 'R=1000', 'rejoin/follower'],
  },
  {
    id: 'G10',
    what: '… CPU per delivery, × limit',
    value: perLimit('t2', 'R=1000', 'server_us_per_chunk', 'rejoin/follower'),
    bound: 0.6,
    row: ['t2', 'R=1000', 'rejoin/follower'],
  },
  {
    id: 'G10',
    what: 'model to a reader at a follower, p50 minus the owner\u2019s',
    value: of('t5', 'first', 'model_p50_ms', 'rejoin/follower') - of('t5', 'first', 'model_p50_ms'),
    bound: 1,
    unit: 'ms',
  },
  {
    id: 'G11',
    what: 'Gemini\u2019s protocol to the reader, CPU per chunk, × `streamText` alone',
    value: perLimit('t11', 'S=100 at 50/s', 'server_us_per_chunk', 'rejoin/gemini', 'ai-sdk'),
    bound: 1.25,
    row: ['t11', 'S=100 at 50/s', 'rejoin/gemini'],
  },
  {
    id: '',
    what: 'bytes written to the state copy per byte of log (a question of 1 MB)',
    value: of('t12', '1 MB asked', 'copy_per_log_byte'),
    bound: 2,
  },
];

const digits = (value: number): string => (Number.isInteger(value) ? String(value) : value.toFixed(value < 10 ? 2 : 1));

/** CPU use of the load generator and of Redis. If one of them is near 100 %, it was the bottleneck, not the server. */
function others([test, key, adapter = 'rejoin']: NonNullable<Goal['row']>): string {
  const percent = (metric: string) => {
    const value = of(test, key, metric, adapter);
    return Number.isNaN(value) ? '-' : `${value.toFixed(0)} %`;
  };
  return `${percent('loader_cpu_pct')} / ${percent('redis_cpu_pct')}`;
}

console.log('| goal | what is measured | bound | measured | loader / Redis CPU | met |');
console.log('|---|---|---:|---:|---:|---|');
for (const { id, what, value, bound, atLeast, unit, row } of goals) {
  if (!Number.isFinite(value)) continue;
  const isMet = atLeast ? value >= bound : value <= bound;
  const with_ = (number: string) => (unit ? `${number} ${unit}` : number);
  console.log(
    `| ${id} | ${what} | ${atLeast ? '≥' : '≤'} ${with_(digits(bound))} | ${with_(digits(value))} | ${row ? others(row) : ''} | ${isMet ? 'yes' : 'no'} |`,
  );
}
