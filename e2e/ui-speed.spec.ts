import type { Page } from '@playwright/test';
import { answerText, ask, chatIdOf, ended, hydrated, open, uniqueQuestion } from './ui/chat-page.ts';
import { longAnswer } from './ui/long-answer.ts';
import { traceTasks, type MainThreadTask } from './ui/main-thread.ts';
import { blockRendersOf, countBlockRenders } from './ui/render-counter.ts';
import { expect, test } from './ui/test.ts';

const MAX_SCRIPT_BYTES = 150_000;
/** Maximum CPU time of the scripts in one task of the main thread. */
const MAX_TASK_MS = 50;
/**
 * Maximum number of runs. The test passes if one run is within {@link MAX_TASK_MS}: slow code exceeds the limit in every run, but
 * other load on the machine makes only some runs exceed it.
 */
const TRIES = 3;
const MAX_HEAP_BYTES = 150_000_000;
/** A layout shift with a smaller score is a rounding error. */
const MIN_SHIFT = 0.0005;
/** A token is about four characters. */
const TOKEN_CHARS = 4;
const TOKENS = 20_000;

declare global {
  var painted: { frames: number; sinceMs: number; shifts: number[] };
}

test('an empty page and a chat of a guest each load at most 150 kB of compressed scripts', async ({ page, model }) => {
  const empty = await loadedScripts(page, '/');
  const question = uniqueQuestion('size');
  await ask(page, question);
  (await model.asked(question)).reply('Without code.');
  await ended(page);
  const chat = await loadedScripts(page, `/chat/${chatIdOf(page)}`);
  report(`scripts of an empty page: ${empty.bytes} bytes, of a chat: ${chat.bytes}`);
  for (const { bytes, names } of [empty, chat]) {
    expect(names.length).toBeGreaterThan(0);
    expect(names.filter((name) => /clerk|highlight/.test(name))).toEqual([]);
    expect(bytes).toBeLessThanOrEqual(MAX_SCRIPT_BYTES);
  }
});

test('an answer of 20,000 tokens shifts no layout, renders no finished block again, and runs scripts for at most 50 ms at a time', async ({
  page,
  browser,
  model,
}) => {
  test.setTimeout(240_000);
  await countBlockRenders(page);
  let longestMs = Infinity;
  for (let tries = 0; tries < TRIES && longestMs > MAX_TASK_MS; tries += 1) {
    await open(page);
    const question = uniqueQuestion('long');
    await page.evaluate(observePainting);
    const tasks = await traceTasks(browser, page, async () => {
      await ask(page, question);
      const answer = await model.asked(question);
      await answer.pour(longAnswer(TOKENS * TOKEN_CHARS), { piecesPerSecond: 2000, pieceChars: TOKEN_CHARS });
      answer.end();
      await ended(page, 90_000);
    });
    await expect(answerText(page)).toContainText('The very end.');
    const painted = await page.evaluate(() => globalThis.painted);
    report(`frames a second: ${((painted.frames / (Date.now() - painted.sinceMs)) * 1000).toFixed(1)}`);
    report(describeLongest('writing the answer', tasks));
    expect(painted.shifts.filter((shift) => shift >= MIN_SHIFT)).toEqual([]);
    const renders = await blockRendersOf(page);
    expect(renders.finished).toBeGreaterThan(500);
    expect(renders.again).toBe(0);
    // Code is highlighted once, after it is finished.
    expect(renders.codeAgain).toBe(1);
    expect(tasks.length).toBeGreaterThan(0);
    longestMs = Math.max(...tasks.map(({ scriptMs }) => scriptMs));
  }
  expect(longestMs).toBeLessThanOrEqual(MAX_TASK_MS);
  const heapBytes = await heapOf(page);
  report(`heap: ${(heapBytes / 1e6).toFixed(1)} MB`);
  expect(heapBytes).toBeLessThanOrEqual(MAX_HEAP_BYTES);

  const reloading = await traceTasks(browser, page, async () => {
    await page.reload();
    await hydrated(page);
  });
  report(describeLongest('reloading the page', reloading));
});

function describeLongest(what: string, tasks: MainThreadTask[]): string {
  const longest = (key: 'cpuMs' | 'scriptMs') => Math.max(...tasks.map((task) => task[key])).toFixed(1);
  return `longest task of ${what}: ${longest('cpuMs')} ms, longest script time in one task: ${longest('scriptMs')} ms`;
}

/** Memory in use after a garbage collection. */
async function heapOf(page: Page): Promise<number> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('HeapProfiler.collectGarbage');
  const { usedSize } = await cdp.send('Runtime.getHeapUsage');
  await cdp.detach();
  return usedSize;
}

function report(line: string): void {
  test.info().annotations.push({ type: 'measured', description: line });
  console.log(line);
}

interface ShiftEntry extends PerformanceEntry {
  value: number;
  hadRecentInput: boolean;
  sources: { previousRect: DOMRect; currentRect: DOMRect }[];
}

/**
 * Counts animation frames, and records the layout shifts that no user input caused. Shifts that are only sideways are left out: a new row
 * of a table with a longer word makes its column wider.
 */
function observePainting(): void {
  const painted = (globalThis.painted = { frames: 0, sinceMs: Date.now(), shifts: [] as number[] });
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries() as ShiftEntry[]) {
      const isSideways = entry.sources.every(({ previousRect, currentRect }) => previousRect.y === currentRect.y);
      if (!entry.hadRecentInput && !isSideways) painted.shifts.push(entry.value);
    }
  }).observe({ type: 'layout-shift' });
  const frame = () => {
    painted.frames += 1;
    requestAnimationFrame(frame);
  };
  requestAnimationFrame(frame);
}

/** The scripts that a page loads with an empty cache, and their size over the network. */
async function loadedScripts(page: Page, path: string): Promise<{ bytes: number; names: string[] }> {
  const cdp = await page.context().newCDPSession(page);
  await cdp.send('Network.enable');
  await cdp.send('Network.setCacheDisabled', { cacheDisabled: true });
  const names = new Map<string, string>();
  let bytes = 0;
  cdp.on('Network.responseReceived', ({ requestId, response }) => {
    if (response.mimeType.includes('javascript')) names.set(requestId, new URL(response.url).pathname);
  });
  cdp.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
    if (names.has(requestId)) bytes += encodedDataLength;
  });
  await page.goto(path, { waitUntil: 'networkidle' });
  await hydrated(page);
  await cdp.detach();
  return { bytes, names: [...names.values()] };
}
