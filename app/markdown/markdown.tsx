import { memo, useEffect, useId, useRef } from 'react';
import { useBrowserLayoutEffect } from '~/hooks/use-browser-layout-effect.ts';
import { enhanceAnswer, onAnswerClick } from './live/enhance-answer.ts';
import { createLiveAnswer, type LiveAnswer } from './live/live-answer.ts';
import { renderMarkdown } from './render-html.ts';
import { useWords } from '~/words/words.ts';

const isServer = typeof document === 'undefined';

/**
 * Markdown that a model wrote, or is writing. Nothing in it is trusted: no HTML, no scripts, no remote images.
 *
 * In the browser, React knows only the outer element. `createLiveAnswer` adds new text to the server's HTML inside this element,
 * and works even if other programs, such as the browser's translation, have changed that HTML.
 */
export const Markdown = memo(function Markdown({ source, streaming }: { source: string; streaming: boolean }) {
  const container = useRef<HTMLDivElement>(null);
  const answer = useRef<LiveAnswer | null>(null);
  const shown = useRef<string | null>(null);
  const { answer: words, common } = useWords();
  const { labels } = words;
  /** Stays true after the answer has ended, so that the layout does not change at the end. */
  const isLive = useRef(streaming);
  isLive.current ||= streaming;
  const idPrefix = `${useId().replaceAll(':', '')}-`;

  useBrowserLayoutEffect(() => {
    const root = container.current!;
    const isRendered = shown.current === null && root.firstChild !== null;
    if (isRendered && !streaming) enhanceAnswer(root);
    else if (shown.current !== source || streaming || answer.current) {
      answer.current ??= createLiveAnswer({ container: root, idPrefix, isRendered, labels });
      answer.current.show(source, streaming);
    }
    shown.current = source;
  }, [source, streaming, idPrefix, labels]);
  useEffect(() => () => answer.current?.stop(), []);

  const html = isServer ? renderMarkdown(source, { growing: streaming, idPrefix, labels }) : '';
  return (
    // The click handler is for the links and buttons in this element. The element itself is not clickable.
    <div
      ref={container}
      className="answer"
      data-live={isLive.current || undefined}
      onClick={(event) => onAnswerClick(event, common)}
      dangerouslySetInnerHTML={{ __html: html }}
      suppressHydrationWarning
    />
  );
});
