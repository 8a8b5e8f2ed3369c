import { createElement } from './dom.ts';
import { blocksIn, createLiveBlocks, noChildren, type WaitingBlock } from './live-blocks.ts';
import { createMarkdownText } from '../parse-markdown.ts';
import { createLiveNotes } from './live-notes.ts';
import { createReader } from '../reader.ts';
import type { Block } from '../blocks/block.ts';
import { isTyping as isTypingNow } from './typing.ts';
import { enhanceAnswer, enhanceCode, enhanceFormulas } from './enhance-answer.ts';
import type { AnswerLabels } from '../labels.ts';
import { renderMarkdown } from '../render-html.ts';

/** Maximum number of characters that one call of `takeStep` parses. */
const MAX_STEP = 4_000;
/** After this time in an animation frame, the rest of the text waits for the next frame. */
const MAX_FRAME_MS = 6;
/** After a frame that took longer than this, new text is held back while somebody types, so that key presses do not wait. */
const SLOW_STEP_MS = 3;
/** Maximum time for which new text is held back while somebody types. */
const MAX_PAUSE_MS = 300;
/** The signs with which formulas begin. A text without them is not searched for formulas in each frame. */
const FORMULA_SIGN = /\$|\\[([]/;
/** A hidden page gets no animation frames, so its next step runs after this time. */
const HIDDEN_STEP_MS = 100;

/**
 * Shows a growing text in an element of the page. This works even if other programs, such as the browser's translation, change
 * the nodes in that element. The time of a step depends only on the length of the new text.
 */
export interface LiveAnswer {
  /**
   * Shows `source`. If `source` begins with the text of the last call, only the rest is added. Otherwise `source` replaces what is
   * shown. `growing`: true if more text may follow.
   */
  show(source: string, growing: boolean): void;
  /** Number of characters of the text that are shown. */
  readonly shownLength: number;
  stop(): void;
}

export interface LiveAnswerOptions {
  container: HTMLElement;
  idPrefix: string;
  /** Default: English. */
  labels?: AnswerLabels;
  /** True if the container holds the server's HTML for the text that the first call of `show` gets. */
  isRendered?: boolean;
  /** Schedules the next step, and returns a function that cancels it. */
  schedule?: (step: () => void) => () => void;
  now?: () => number;
  isTyping?: () => boolean;
}

export function createLiveAnswer(options: LiveAnswerOptions): LiveAnswer {
  const { container, idPrefix, labels, schedule = nextFrame, now = () => performance.now() } = options;
  const { isTyping = isTypingNow } = options;
  let source = '';
  let isGrowing = true;
  let cancel: (() => void) | null = null;
  let isRendered = options.isRendered ?? false;
  let state = begin();
  let lastStep = { endedAt: -Infinity, ms: 0 };

  function begin() {
    const text = createMarkdownText();
    const reader = createReader(text, { idPrefix, isGrowing: () => isGrowing, labels, hasMarkIds: false });
    const blocks = createLiveBlocks(reader, onSettled);
    return {
      text,
      reader,
      blocks,
      root: noChildren(),
      notes: createLiveNotes({ container, text, reader, blocks }),
      /**
       * Settled blocks (see `Block.isSettled`) to be rendered again, because they refer to a label that is now defined, or to a
       * footnote that is still undefined when the text has ended.
       */
      again: [] as WaitingBlock[],
      taken: 0,
      defined: 0,
      isEnded: false,
      /** True if the text has ended and all of it is shown. */
      isComplete: false,
    };
  }

  function show(next: string, growing: boolean): void {
    const goesOn = next.startsWith(source) && !(state.isEnded && (growing || next.length > source.length));
    source = next;
    isGrowing = growing;
    if (!goesOn) {
      state = begin();
      container.replaceChildren();
    }
    step();
  }

  /** Parses and shows as much of the text as `MAX_FRAME_MS` allows. */
  function step(): void {
    cancel?.();
    cancel = null;
    const startedAt = now();
    if (isGrowing && mayPause(startedAt) && isTyping()) return void (cancel = schedule(step));
    const endAt = startedAt + MAX_FRAME_MS;
    try {
      if (isRendered) adopt();
      do {
        takeStep();
      } while (!isDone() && now() < endAt);
    } catch {
      // A bug here must not break the page.
      return showPlain();
    }
    if (FORMULA_SIGN.test(source) && container.querySelector('.formula')) enhanceFormulas(container);
    const endedAt = now();
    lastStep = { endedAt, ms: endedAt - startedAt };
    if (!isDone()) cancel = schedule(step);
  }

  const mayPause = (atMs: number): boolean => lastStep.ms > SLOW_STEP_MS && atMs - lastStep.endedAt < MAX_PAUSE_MS;

  const isDone = (): boolean =>
    state.taken === source.length && state.again.length === 0 && (isGrowing || state.isComplete);

  /** Continues from the server's render. The elements of settled blocks stay. All later elements are created again. */
  function adopt(): void {
    isRendered = false;
    const { text, blocks, root } = state;
    text.append(source);
    state.taken = source.length;
    container.querySelector(':scope > .footnotes')?.remove();
    const elements = blocksIn(container);
    const settled = text.blocks.root.children.filter((block) => block.isSettled);
    if (elements.length < settled.length) return container.replaceChildren();
    // The server has also parsed the unfinished line. A footnote that this line defines has got its number from the text before it.
    text.look(() => settled.forEach((block, index) => blocks.adopt(block, text.blocks.root, elements[index]!)));
    for (const element of elements.slice(settled.length)) element.remove();
    root.settled = settled.length;
  }

  function takeStep(): void {
    const waiting = state.again.shift();
    if (waiting) return state.blocks.renderAgain(waiting);
    if (state.isEnded) return complete();
    const added = source.slice(state.taken, state.taken + MAX_STEP);
    state.text.append(added);
    state.taken += added.length;
    if (state.taken === source.length && !isGrowing) {
      state.text.end();
      state.isEnded = true;
      sync();
      // The text has ended, so a footnote that is still undefined does not exist. References to it are now shown as plain text.
      for (const label of [...state.blocks.waiting.keys()]) if (label.startsWith('^')) renderAgain(label);
    } else state.text.look(sync);
    noteDefinitions();
  }

  function sync(): void {
    state.blocks.sync(state.root, state.text.blocks.root, container);
    state.notes.sync();
  }

  function complete(): void {
    if (state.isComplete) return;
    state.isComplete = true;
    if (!state.reader.isOverLimit) return state.notes.finish();
    // Blocks were read in another order than the server reads them, so another reference may have been the first beyond the limit.
    container.innerHTML = renderMarkdown(source, { idPrefix, labels });
    enhanceAnswer(container);
  }

  /** If a link or a footnote has been defined since the last call, the blocks that refer to it are rendered again. */
  function noteDefinitions(): void {
    const { definitions, footnotes } = state.text.blocks;
    if (definitions.size + footnotes.size === state.defined) return;
    state.defined = definitions.size + footnotes.size;
    for (const label of [...state.blocks.waiting.keys()]) {
      const isDefined = label.startsWith('^') ? footnotes.has(label.slice(1)) : definitions.has(label);
      if (isDefined) renderAgain(label);
    }
  }

  function renderAgain(label: string): void {
    state.again.push(...state.blocks.waiting.get(label)!);
    state.blocks.waiting.delete(label);
  }

  function onSettled(block: Block, element: Element): void {
    const code = block.kind === 'code' ? element.querySelector('code[data-language]') : null;
    if (code) enhanceCode(code);
  }

  function showPlain(): void {
    const attributes = { class: 'plain', dir: 'auto' };
    container.replaceChildren(createElement({ tag: 'p', attributes, children: [source] }));
  }

  return {
    show,
    get shownLength() {
      return state.taken;
    },
    stop: () => cancel?.(),
  };
}

function nextFrame(step: () => void): () => void {
  if (document.hidden) {
    const timer = setTimeout(step, HIDDEN_STEP_MS);
    return () => clearTimeout(timer);
  }
  const frame = requestAnimationFrame(step);
  return () => cancelAnimationFrame(frame);
}
