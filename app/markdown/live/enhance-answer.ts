import { createNode } from './dom.ts';
import { convertFormula, setFormulaConverter } from '../formulas/formula-converter.ts';

const SAID_MS = 1_500;

/** Adds to an answer what needs JavaScript: colours in code, and MathML for formulas that the server has not converted. */
export function enhanceAnswer(container: Element): void {
  for (const code of container.querySelectorAll('code[data-language]')) enhanceCode(code);
  enhanceFormulas(container);
}

/** Functions that each enhance one element. Each function runs in its own task, so that a key press never waits for all of them. */
const queue: (() => void)[] = [];

function later(work: () => void): void {
  queue.push(work);
  if (queue.length === 1) setTimeout(takeNext);
}

function takeNext(): void {
  try {
    queue[0]?.();
  } finally {
    queue.shift();
    if (queue.length > 0) setTimeout(takeNext);
  }
}

/** Colours a finished piece of code. */
export function enhanceCode(code: Element): void {
  const text = code.textContent ?? '';
  const language = code.getAttribute('data-language') ?? '';
  if (text === '' || code.hasAttribute('data-coloured')) return;
  code.setAttribute('data-coloured', '');
  const colour = async () => {
    const { highlight } = await import('../highlight.ts');
    later(() => {
      const html = highlight(text, language);
      // The highlighter escapes all of the code and adds only spans with classes. Its HTML goes into the existing element, so
      // that nothing moves.
      const lines = code.children.length === 1 ? code.firstElementChild : null;
      if (html !== null && lines?.textContent === text) lines.innerHTML = html;
    });
  };
  // If the highlighter cannot be loaded, the code stays plain.
  colour().catch(() => undefined);
}

let loading: Promise<void> | null = null;

/** Converts the formulas that are still shown as their source. The library for this is loaded when there is such a formula. */
export function enhanceFormulas(container: Element): void {
  const formulas = container.querySelectorAll('.formula:not(:has(math)):not([data-kept])');
  if (formulas.length === 0) return;
  loading ??= import('../formulas/formula-temml.ts').then(({ formulaToMathMl }) =>
    setFormulaConverter(formulaToMathMl),
  );
  loading.then(
    () => formulas.forEach((formula) => later(() => convert(formula))),
    // If the library cannot be loaded, the source of the formulas stays on the page. The next call tries to load the library again.
    () => (loading = null),
  );
}

function convert(formula: Element): void {
  const math = convertFormula(formula.getAttribute('data-tex') ?? '', formula.classList.contains('display'));
  if (math) formula.replaceChildren(createNode(math));
  else formula.setAttribute('data-kept', '');
}

/** The words that are shown after code was copied or could not be copied. */
interface CopyWords {
  copied: string;
  copyFailed: string;
}

/** Handles a click in an answer: copies code, or goes to a footnote and back. */
export function onAnswerClick(event: { target: EventTarget | null; preventDefault(): void }, words: CopyWords): void {
  const target = event.target instanceof Element ? event.target : null;
  const button = target?.closest('.copy-code');
  if (button) void copyCode(button, words);
  const link = target?.closest('a[href^="#"]');
  const to = link && (document.getElementById(decodeURIComponent(link.getAttribute('href')!.slice(1))) ?? markOf(link));
  if (!to) return;
  event.preventDefault();
  to.tabIndex = -1;
  to.focus({ preventScroll: true });
  to.scrollIntoView({ block: 'nearest' });
}

/** The first link to a footnote, which has no id while the answer is written. `link`: the link in the footnote back to the text. */
const markOf = (link: Element): HTMLElement | null =>
  link.closest('.answer')?.querySelector<HTMLElement>(`a[href="#${CSS.escape(link.closest('li')?.id ?? '')}"]`) ?? null;

async function copyCode(button: Element, words: CopyWords): Promise<void> {
  // If the button is pressed again soon, its title still is the result of the last press. So its label is kept in an attribute.
  const label = button.getAttribute('data-label') ?? button.getAttribute('title') ?? '';
  button.setAttribute('data-label', label);
  const code = button.closest('figure')?.querySelector('code')?.textContent ?? '';
  let said = words.copyFailed;
  try {
    // Only secure pages have the clipboard API.
    await navigator.clipboard.writeText(code);
    said = words.copied;
  } catch {
    // The button then says that nothing was copied.
  }
  say(button, said);
  button.classList.toggle('copied', said === words.copied);
  setTimeout(() => {
    say(button, label);
    button.classList.remove('copied');
  }, SAID_MS);
}

function say(button: Element, text: string): void {
  button.setAttribute('title', text);
  const label = button.querySelector('.sr-only');
  if (label) label.textContent = text;
}
