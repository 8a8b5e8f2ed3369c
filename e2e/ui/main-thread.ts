import type { Browser, Page } from '@playwright/test';

/** A task of a page's main thread, in milliseconds of CPU time. The time in which other processes ran is not included. */
export interface MainThreadTask {
  /** The whole task: scripts, style, layout, painting, garbage collection. */
  cpuMs: number;
  /** The part of the task in which scripts ran, including the layouts that the scripts forced. */
  scriptMs: number;
}

interface TraceEvent {
  name: string;
  ph: string;
  pid: number;
  tid: number;
  /** Microseconds. */
  ts: number;
  dur?: number;
  /** CPU time in microseconds. Not all events have it. */
  tdur?: number;
  args?: {
    name?: string;
    chrome_mojo_event_info?: { mojo_interface_tag?: string };
  };
}

/** Events that DevTools shows as scripting. They may be nested: see {@link outermost}. */
const SCRIPTS =
  /^(EvaluateScript|v8\.evaluateModule|FunctionCall|RunMicrotasks|EventDispatch|TimerFire|FireAnimationFrame)$/;

/** The 100 longest tasks of the page during `work`, longest first, without those that the test itself causes. */
export async function traceTasks(browser: Browser, page: Page, work: () => Promise<void>): Promise<MainThreadTask[]> {
  await browser.startTracing(page, { categories: ['toplevel', 'mojom', 'devtools.timeline'] });
  await work();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };

  const threads = new Set(
    traceEvents.filter(({ name, args }) => name === 'thread_name' && args?.name === 'CrRendererMain').map(threadOf),
  );
  const events = traceEvents.filter((event) => event.ph === 'X' && threads.has(threadOf(event)));
  const fromTest = events.filter(({ args }) => args?.chrome_mojo_event_info?.mojo_interface_tag?.includes('DevTools'));
  const scripts = events.filter(({ name }) => SCRIPTS.test(name));
  return events
    .filter(({ name, tdur }) => name.endsWith('RunTask') && tdur !== undefined)
    .toSorted((a, b) => b.tdur! - a.tdur!)
    .slice(0, 100)
    .filter((task) => !fromTest.some((event) => isWithin(event, task)))
    .map((task) => ({
      cpuMs: task.tdur! / 1000,
      scriptMs: sum(outermost(scripts.filter((event) => isWithin(event, task)))) / 1000,
    }));
}

const sum = (events: TraceEvent[]): number => events.reduce((total, { tdur = 0 }) => total + tdur, 0);

const isWithin = (event: TraceEvent, task: TraceEvent): boolean =>
  threadOf(event) === threadOf(task) && event.ts >= task.ts && event.ts <= task.ts + task.dur!;

function outermost(events: TraceEvent[]): TraceEvent[] {
  const sorted = events.toSorted((a, b) => a.ts - b.ts || b.dur! - a.dur!);
  let end = 0;
  return sorted.filter(({ ts, dur = 0 }) => {
    if (ts < end) return false;
    end = ts + dur;
    return true;
  });
}

const threadOf = ({ pid, tid }: TraceEvent): string => `${pid} ${tid}`;
