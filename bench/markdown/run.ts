/**
 * Measures what 1 MiB of each sample text costs: `node bench/markdown/run.ts [names of samples]`, from the root of the
 * repository. The columns are:
 *
 * - server: the CPU time to render the whole text as HTML, the best of five runs.
 * - longest frame, 99 %: the text comes in 300 frames. The columns show the CPU time of the page's main thread in the longest
 *   frame, and the 99th percentile of all frames. The measurement itself takes 1 to 2 ms in each frame.
 * - typing: the time from a key to the frame that shows it, while the sample is written and the CPU runs at a quarter of its
 *   speed. The column shows the median, the 95th percentile and the longest time. The line `nothing` shows these times without a
 *   text, for comparison: a busy machine alone can cost 200 ms.
 * - HTML: the size of the HTML that the server renders.
 */
import { chromium, type Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, type Rollup } from 'vite';
import { installedBrowsers } from '../../scripts/test/installed-browsers.ts';
import { markdownSamples } from './samples.ts';

const LENGTH = 1024 * 1024;
const FRAMES = 300;
const names = process.argv.slice(2);
const APP = fileURLToPath(new URL('../../app/', import.meta.url));

// The app's imports begin with `~`, which only Vite knows.
registerHooks({
  resolve: (name, context, next) =>
    next(name.startsWith('~/') ? pathToFileURL(APP + name.slice(2)).href : name, context),
});
const { renderMarkdown } = await import('../../app/markdown/render-html.ts');

function serverMs(text: string): number {
  let best = Infinity;
  for (let turn = 0; turn < 5; turn += 1) {
    const before = process.cpuUsage();
    renderMarkdown(text);
    const { user, system } = process.cpuUsage(before);
    best = Math.min(best, (user + system) / 1000);
  }
  return best;
}

/** page.ts and the part of the app that shows answers, as one script. */
async function bundle(): Promise<string> {
  const entry = fileURLToPath(new URL('./page.ts', import.meta.url));
  const built = (await build({
    configFile: false,
    logLevel: 'error',
    resolve: { alias: { '~/': APP } },
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      write: false,
      lib: { entry, formats: ['iife'], name: 'bench' },
      rollupOptions: { output: { inlineDynamicImports: true } },
    },
  })) as Rollup.RollupOutput[];
  return built[0]!.output[0].code;
}

const styles = (): string =>
  ['app.css', 'answer.css', 'controls.css'].map((name) => readFileSync(`${APP}styles/${name}`, 'utf8')).join('\n');

async function openPage(page: Page, script: string): Promise<void> {
  await page.setContent(
    `<!doctype html><style>${styles()}</style><main><div class="answer" id="answer"></div></main><textarea id="field"></textarea>`,
  );
  await page.addScriptTag({ content: script });
}

const browser = await chromium.launch({
  executablePath: installedBrowsers().whole,
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  const script = await bundle();
  console.log(
    `markdown in the browser: ${(gzipSync(script).length / 1024).toFixed(1)} kB compressed, formulas and colours included`,
  );
  console.log('sample               server ms   longest frame ms   99 % ms   typing ms (4 x slower)   HTML kB');
  const page = await browser.newPage();
  page.on('pageerror', (error) => console.error(error));
  console.log(`nothing: typing ${spread(await typingMs(page, script, ''))} ms`);
  for (const { name, text } of markdownSamples(LENGTH)) {
    if (names.length > 0 && !names.some((given) => name.startsWith(given))) continue;
    await openPage(page, script);
    const { longest, most } = await frameMs(page, text);
    const typing = spread(await typingMs(page, script, text));
    const figures = [serverMs(text), longest, most].map((ms) => ms.toFixed(0).padStart(10));
    const kB = (renderMarkdown(text).length / 1024).toFixed(0);
    console.log(`${name.padEnd(20)} ${figures.join(' ')} ${typing.padStart(22)} ${kB.padStart(10)}`);
  }
} finally {
  await browser.close();
}

/** The longest frame and the 99th percentile, in CPU time of the page's main thread. */
async function frameMs(page: Page, text: string): Promise<{ longest: number; most: number }> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const busyMs = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return metrics.find(({ name }) => name === 'TaskDuration')!.value * 1000;
  };
  await page.evaluate(([source, frames]) => bench.begin(source, frames), [text, FRAMES] as const);
  const times: number[] = [];
  let before = await busyMs();
  for (let goesOn = true; goesOn;) {
    goesOn = await page.evaluate(() => bench.frame());
    const after = await busyMs();
    times.push(after - before);
    before = after;
  }
  await session.detach();
  times.sort((a, b) => a - b);
  if (process.env.DEBUG) console.log(times.length, times.at(10), times[times.length >> 1], times.slice(-5));
  return { longest: times.at(-1)!, most: times[Math.floor(times.length * 0.99)]! };
}

/** Median, 95th percentile and longest. */
function spread(times: number[]): string {
  return [0.5, 0.95, 1].map((part) => times[Math.ceil(times.length * part) - 1]!.toFixed(0)).join(' / ');
}

/** The times of 40 keys while characters 20,000 to 40,000 of the sample are written, which takes ten seconds. */
async function typingMs(page: Page, script: string, text: string): Promise<number[]> {
  await openPage(page, script);
  const session = await page.context().newCDPSession(page);
  await session.send('Emulation.setCPUThrottlingRate', { rate: 4 });
  try {
    await page.evaluate((source) => bench.beginTyping(source), text.slice(0, 40_000));
    // The first half is shown in one step, before the first key. It is not part of the measurement.
    await page.waitForTimeout(1000);
    for (let key = 0; key < 40; key += 1) {
      await page.locator('#field').press('a');
      await page.waitForTimeout(100);
    }
    return await page.evaluate(() => bench.keyTimes());
  } finally {
    await session.send('Emulation.setCPUThrottlingRate', { rate: 1 });
    await session.detach();
  }
}
