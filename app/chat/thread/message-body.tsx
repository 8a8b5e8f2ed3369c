import { memo, type ReactNode } from 'react';
import type { MessagePart } from '../../../shared/messages.ts';
import { safeUrl } from '~/markdown/safe-url.ts';
import { Markdown } from '~/markdown/markdown.tsx';
import { PartBoundary } from './part-boundary.tsx';
import { useWords } from '~/words/words.ts';
import { ToolPart } from './tool-part.tsx';
import { textOf } from './value-text.ts';

/**
 * The content of an answer: its text, with folded reasoning, tool calls and sources. It is also rendered into the live
 * frame of pages without JavaScript. An error in one part never breaks the page.
 */
export function MessageBody({ parts, streaming }: { parts: readonly MessagePart[]; streaming: boolean }) {
  const last = parts.length - 1;
  const shown = parts.map((part, index) => <Part key={index} part={part} writing={streaming && index === last} />);
  return (
    <>
      {shown}
      {streaming && !hasContent(parts) && <Waiting />}
    </>
  );
}

/** Unchanged parts are the same objects as before, so only the part that is being written is rendered again. */
const Part = memo(function Part({ part, writing }: { part: MessagePart; writing: boolean }): ReactNode {
  const text = textOf(part.text);
  switch (part.type) {
    case 'text':
      return text === '' ? null : <Bounded text={text} shown={<Markdown source={text} streaming={writing} />} />;
    case 'reasoning':
      return text === '' ? null : <Bounded text="" shown={<Reasoning text={text} writing={writing} />} />;
    case 'source-url':
      return <Source url={textOf(part.url)} title={textOf(part.title)} />;
    case 'file':
      return <FilePart />;
    default:
      return part.type === 'dynamic-tool' || part.type.startsWith('tool-') ? (
        <Bounded text="" shown={<ToolPart part={part} />} />
      ) : null;
  }
});

const Bounded = ({ text, shown }: { text: string; shown: ReactNode }) => (
  <PartBoundary text={text}>{shown}</PartBoundary>
);

function Reasoning({ text, writing }: { text: string; writing: boolean }) {
  const { answer } = useWords();
  return (
    <details className="aside-part">
      <summary>{writing ? answer.thinking : answer.thought}</summary>
      <Markdown source={text} streaming={writing} />
    </details>
  );
}

function FilePart() {
  const { answer } = useWords();
  return <p className="text-muted text-sm">{answer.file}</p>;
}

function Source({ url, title }: { url: string; title: string }) {
  const { answer } = useWords();
  const href = safeUrl(url);
  if (!href) return null;
  return (
    <p className="text-sm">
      <span>{answer.source} </span>
      <a className="link" href={href} target="_blank" rel="noopener noreferrer nofollow">
        {title || new URL(href).hostname || href}
      </a>
    </p>
  );
}

function Waiting() {
  const { thread } = useWords();
  return (
    <p className="waiting">
      <span className="sr-only">{thread.waiting}</span>
      <span aria-hidden="true" />
      <span aria-hidden="true" />
      <span aria-hidden="true" />
    </p>
  );
}

const hasContent = (parts: readonly MessagePart[]): boolean =>
  parts.some((part) => part.type !== 'step-start' && !part.type.startsWith('data-') && part.text !== '');
