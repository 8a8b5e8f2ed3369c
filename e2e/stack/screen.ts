import type { Page } from '@playwright/test';
import { expect } from './test.ts';

/** Where an answer stands on a page: in the last match of `turn`, the text of all matches of `text`. */
export interface AnswerPlace {
  turn: string;
  text: string;
}

/** The last answer of a chat. Reasoning is folded away and no part of it. */
export const CHAT_ANSWER: AnswerPlace = {
  turn: 'ol[aria-label="Messages"] > li:not(.question)',
  text: '.answer:not(details *)',
};
export const HOOK_ANSWER: AnswerPlace = { turn: 'main', text: '[data-testid="hook-text"]' };

/** Everything that a page has shown as its answer, frame by frame, over all its lives: a reload begins another. */
export interface Screen {
  /** What is shown now. Like all texts here without white space at its ends. */
  text(): Promise<string>;
  /** Waits until so many characters are shown. */
  untilShown(characters: number): Promise<void>;
  /** Reloads the page, and resolves to what the server rendered as the answer. */
  reload(): Promise<string>;
  /**
   * Holds every frame so far to what a person may expect: it showed the beginning of `final`, never less than the frame
   * before it, and after a {@link reload} never less than when that began, nor than the server had rendered.
   */
  expectSteady(final: string): void;
}

/** What the answer's place showed in one frame of the screen. */
interface Frame {
  /** When the page's life began. */
  life: number;
  text: string;
  /** The whole document was there: from then on nothing that the server rendered may be missing. */
  isParsed: boolean;
}

const CHANNEL = 'reportFrame';

/** To be called before the page is opened. */
export async function watchScreen(page: Page, place: AnswerPlace = CHAT_ANSWER): Promise<Screen> {
  const frames: Frame[] = [];
  /** Characters that the page was showing when it was reloaded, or that the server rendered then, by life. */
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
      // Not the last frame of the life before: the page goes on until the next one comes in.
      least.set(life, Math.max(shown.length, text.length));
      return text;
    },
    expectSteady(final) {
      expect(frames.length, 'frames that showed something new').toBeGreaterThan(2);
      expect(faultsIn(frames, { final, least })).toEqual([]);
    },
  };
}

/** What was wrong with the frames, in words. */
function faultsIn(frames: Frame[], { final, least }: { final: string; least: Map<number, number> }): string[] {
  const faults: string[] = [];
  let before: Frame | null = null;
  frames.forEach((frame, index) => {
    const { life, text, isParsed } = frame;
    const fault = (what: string) => faults.push(`frame ${index}: ${text.length} characters, ${what}`);
    if (!final.startsWith(text)) fault(`not the beginning of the answer: …${text.slice(-100)}`);
    if (before?.life === life && text.length < before.text.length) fault(`after ${before.text.length} before it`);
    const atLeast = least.get(life) ?? 0;
    if (isParsed && text.length < atLeast) fault(`although ${atLeast} were there when the page was reloaded`);
    before = frame;
  });
  return faults;
}

/** Runs in the page. `html`: read from that in place of the page. */
function readAnswer({ place, html }: { place: AnswerPlace; html?: string }): string {
  const root = html === undefined ? document : new DOMParser().parseFromString(html, 'text/html');
  const turn = [...root.querySelectorAll(place.turn)].at(-1);
  const texts = [...(turn?.querySelectorAll(place.text) ?? [])].map((element) => element.textContent ?? '');
  return texts.join('').trim();
}

/** Runs in the page, from before anything else does. */
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
