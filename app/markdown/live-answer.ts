import { createElement } from './dom.ts';
import { createLiveBlocks, noChildren, type WaitingBlock } from './live-blocks.ts';
import { createMarkdownText } from './parse-markdown.ts';
import { createLiveNotes } from './live-notes.ts';
import { createReader } from './reader.ts';
import type { Block } from './blocks/block.ts';
import { enhanceCode, enhanceFormulas } from './enhance-answer.ts';

/** At most this much of a text is taken at once, and no more is begun in a frame after this time. */
const MAX_STEP = 4_000;
const MAX_FRAME_MS = 6;
/** A hidden page has no frames. */
const HIDDEN_STEP_MS = 100;

/**
 * Shows a text that grows in an element of the page. React does not look into that element: what others do to its
 * nodes, such as translating them, is no harm. Each frame costs what is new in it.
 */
export interface LiveAnswer {
  /** Shows a text: the one before with more at its end, or another one. `growing`: more may follow. */
  show(source: string, growing: boolean): void;
  /** The text as far as it is shown. */
  readonly shownLength: number;
  stop(): void;
}

export interface LiveAnswerOptions {
  container: HTMLElement;
  idPrefix: string;
  /** The container holds what the server has rendered of the first text. */
  isRendered?: boolean;
  /** Schedules the next step; returns what cancels it. */
  schedule?: (step: () => void) => () => void;
  now?: () => number;
}

export function createLiveAnswer(options: LiveAnswerOptions): LiveAnswer {
  const { container, idPrefix, schedule = nextFrame, now = () => performance.now() } = options;
  let source = '';
  let isGrowing = true;
  let cancel: (() => void) | null = null;
  let isRendered = options.isRendered ?? false;
  let state = begin();

  function begin() {
    const text = createMarkdownText();
    const reader = createReader(text, { idPrefix, isGrowing: () => isGrowing });
    return {
      text,
      reader,
      blocks: createLiveBlocks(reader, onSettled),
      root: noChildren(),
      notes: createLiveNotes(reader),
      /** Settled blocks that refer to what has been defined since. */
      again: [] as WaitingBlock[],
      taken: 0,
      defined: 0,
      isEnded: false,
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

  /** Takes as much of the text as there is time for. */
  function step(): void {
    cancel?.();
    cancel = null;
    const endAt = now() + MAX_FRAME_MS;
    try {
      if (isRendered) adopt();
      do {
        takeStep();
      } while (!isDone() && now() < endAt);
    } catch {
      // A fault of ours must not take the page with it.
      return showPlain();
    }
    if (container.querySelector('.formula')) enhanceFormulas(container);
    if (!isDone()) cancel = schedule(step);
  }

  const isDone = (): boolean =>
    state.taken === source.length && state.again.length === 0 && (isGrowing || state.isEnded);

  /** Goes on with what the server has rendered: its settled blocks stay, and only what was open is made anew. */
  function adopt(): void {
    isRendered = false;
    const { text, blocks, root } = state;
    text.append(source);
    state.taken = source.length;
    container.querySelector(':scope > .footnotes')?.remove();
    const elements = [...container.children].flatMap((child) =>
      child.matches('.more') ? [...child.children] : [child],
    );
    const settled = text.blocks.root.children.filter((block) => block.isSettled);
    if (elements.length < settled.length) return container.replaceChildren();
    settled.forEach((block, index) => blocks.adopt(block, text.blocks.root, elements[index]!));
    for (const element of elements.slice(settled.length)) element.remove();
    root.settled = settled.length;
  }

  function takeStep(): void {
    const waiting = state.again.shift();
    if (waiting) return state.blocks.renderAgain(waiting);
    const added = source.slice(state.taken, state.taken + MAX_STEP);
    state.text.append(added);
    state.taken += added.length;
    if (state.taken === source.length && !isGrowing) {
      state.text.end();
      state.isEnded = true;
      sync();
      // Footnotes that have not arrived by now do not exist.
      for (const label of [...state.blocks.waiting.keys()]) if (label.startsWith('^')) renderAgain(label);
    } else state.text.look(sync);
    noteDefinitions();
  }

  function sync(): void {
    // The footnotes come after all blocks.
    const section = container.querySelector(':scope > .footnotes');
    section?.remove();
    state.blocks.sync(state.root, state.text.blocks.root, container);
    const notes = state.notes.sync();
    if (notes) container.append(notes);
  }

  /** What is defined late is shown where it was referred to before. */
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
