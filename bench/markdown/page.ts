import { createLiveAnswer } from '../../app/markdown/live/live-answer.ts';

declare global {
  /** What the page of the bench offers to the script that drives it. */
  var bench: {
    begin(source: string, frames: number): void;
    /** Shows the next frame. True if another one follows. */
    frame(): Promise<boolean>;
    beginTyping(source: string): void;
    /** For each key that was pressed since the last call: the time until the frame that shows it, in ms. The shortest time comes first. */
    keyTimes(): number[];
  };
}

const container = (): HTMLElement => document.querySelector<HTMLElement>('#answer')!;
const keys: number[] = [];

/**
 * Calls `done` after the current frame was painted. Must be called inside `requestAnimationFrame`, because a message that is sent
 * there is delivered only after layout and painting.
 */
function afterFrame(done: () => void): void {
  const { port1, port2 } = new MessageChannel();
  port1.onmessage = done;
  port2.postMessage(null);
}

globalThis.bench = {
  begin(source, frames) {
    const steps: (() => void)[] = [];
    const answer = createLiveAnswer({
      container: container(),
      idPrefix: '',
      schedule(step) {
        steps.push(step);
        return () => steps.splice(steps.indexOf(step), 1);
      },
    });
    let shown = 0;
    bench.frame = () =>
      new Promise((resolve) => {
        requestAnimationFrame(() => {
          shown += 1;
          if (shown <= frames)
            answer.show(source.slice(0, Math.ceil((source.length * shown) / frames)), shown < frames);
          else steps.shift()?.();
          scrollTo(0, document.documentElement.scrollHeight);
          afterFrame(() => resolve(shown < frames || steps.length > 0));
        });
      });
  },
  frame: () => Promise.resolve(false),

  /**
   * Shows the first half of a text in one step, and writes the second half at 2,000 characters a second. Measures the time from each
   * key to the frame that shows it.
   */
  beginTyping(source) {
    const answer = createLiveAnswer({ container: container(), idPrefix: '' });
    answer.show(source.slice(0, source.length / 2), true);
    const startedAt = performance.now();
    const write = () => {
      const length = Math.ceil(source.length / 2 + (performance.now() - startedAt) * 2);
      answer.show(source.slice(0, length), length < source.length);
      if (length < source.length) requestAnimationFrame(write);
    };
    requestAnimationFrame(write);
    document.querySelector('#field')!.addEventListener('keydown', (event) => {
      requestAnimationFrame(() => afterFrame(() => keys.push(performance.now() - event.timeStamp)));
    });
  },

  keyTimes: () => keys.splice(0).toSorted((a, b) => a - b),
};
