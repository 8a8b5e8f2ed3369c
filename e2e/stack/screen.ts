import type { Page } from '@playwright/test';
import { expect } from './test.ts';

/**
 * CSS selectors that find an answer on a page. The answer is the text of all elements that match `text`, within the last element
 * that matches `turn`.
 */
export interface AnswerPlace {
  turn: string;
  text: string;
}

/** The last answer of a chat, without the reasoning, which is folded. */
export const CHAT_ANSWER: AnswerPlace = {
  turn: 'ol[aria-label="Messages"] > li:not(.question)',
  text: '.answer:not(details *)',
};
/** The answer that the hook shows on the page `/plain`. */
export const HOOK_ANSWER: AnswerPlace = { turn: 'main', text: '[data-testid="hook-text"]' };

/** Records what a page shows as its answer in every animation frame, also across reloads. */
export interface Screen {
  /** The answer that is shown now. All texts of this module are trimmed. */
  text(): Promise<string>;
  /** Waits until this many characters are shown. */
  untilShown(characters: number): Promise<void>;
  /** Reloads the page. Resolves to the answer in the server's HTML. */
  reload(): Promise<string>;
  /**
   * Fails unless all frames so far meet these conditions. Each frame showed a beginning of `final`. Within a document, each frame
   * showed at least as much text as the frame before. After a {@link reload}, each frame of the fully parsed document showed at
   * least as much text as the page had shown before the reload, and at least as much as the server's HTML contains.
   */
  expectSteady(final: string): void;
}

/** What the page showed as its answer in one animation frame. */
interface Frame {
  /** Identifies the document: the time when it was opened (`performance.timeOrigin`). */
  life: number;
  text: string;
  /** True if the document was fully parsed. From then on, the page must show everything that the server rendered. */
  isParsed: boolean;
}

const CHANNEL = 'reportFrame';

/** Call this before the page is opened. */
export async function watchScreen(page: Page, place: AnswerPlace = CHAT_ANSWER): Promise<Screen> {
  const frames: Frame[] = [];
  /** For each reloaded document, by {@link Frame.life}: how many characters the document must show at least. */
  const least = new Map<number, number>();
  await page.exposeFunction(CHANNEL, (frame: Frame) => void frames.push(frame));
  await page.addInitScript({ content: `(${reportFrames})(${readAnswer}, ${JSON.stringify({ place })}, "${CHANNEL}")` });

  return {
    text: () => page.evaluate(readAnswer, { place }),
    async untilShown(characters) {
      const shown = async () => (await page.evaluate(readAnswer, { place })).length;
      await expect.poll(shown, { timeout: 40_000, intervals: [20] }).toBeGreaterThanOrEqual(characters);
    },
    async reload() {
      const shown = await page.evaluate(readAnswer, { place });
      const response = await page.reload({ waitUntil: 'domcontentloaded' });
      const text = await page.evaluate(readAnswer, { place, html: await response!.text() });
      const life = await page.evaluate(() => performance.timeOrigin);
      least.set(life, Math.max(shown.length, text.length));
      return text;
    },
    expectSteady(final) {
      expect(frames.length, 'frames that showed something new').toBeGreaterThan(2);
      expect(faultsIn(frames, { final, least })).toEqual([]);
    },
  };
}

/** The frames that showed too little or the wrong text, one sentence each. */
function faultsIn(frames: Frame[], { final, least }: { final: string; least: Map<number, number> }): string[] {
  const faults: string[] = [];
  let before: Frame | null = null;
  frames.forEach((frame, index) => {
    const { life, text, isParsed } = frame;
    const fault = (what: string) => faults.push(`frame ${index}: ${text.length} characters, ${what}`);
    if (!final.startsWith(text)) fault(`not the beginning of the answer: …${text.slice(-100)}`);
    if (before?.life === life && text.length < before.text.length)
      fault(`fewer than the ${before.text.length} in the frame before`);
    const atLeast = least.get(life) ?? 0;
    if (isParsed && text.length < atLeast) fault(`although ${atLeast} were there when the page was reloaded`);
    before = frame;
  });
  return faults;
}

/** Runs in the page. `html`: read the answer from this HTML instead of the page. */
function readAnswer({ place, html }: { place: AnswerPlace; html?: string }): string {
  const root = html === undefined ? document : new DOMParser().parseFromString(html, 'text/html');
  const turn = [...root.querySelectorAll(place.turn)].at(-1);
  const texts = [...(turn?.querySelectorAll(place.text) ?? [])].map((element) => element.textContent ?? '');
  return texts.join('').trim();
}

/** Runs in the page, before any other script. */
function reportFrames(read: typeof readAnswer, place: { place: AnswerPlace }, channel: string): void {
  const report = (window as unknown as Record<string, (frame: Frame) => void>)[channel]!;
  let last = '';
  const look = () => {
    requestAnimationFrame(look);
    const frame = { life: performance.timeOrigin, text: read(place), isParsed: document.readyState !== 'loading' };
    const seen = `${frame.isParsed} ${frame.text}`;
    if (seen !== last) report(frame);
    last = seen;
  };
  requestAnimationFrame(look);
}
