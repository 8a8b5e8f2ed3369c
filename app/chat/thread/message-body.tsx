import { type ReactNode, memo } from 'react';
import type { MessagePart } from '../../../shared/messages.ts';
import { safeUrl } from '~/markdown/safe-url.ts';
import { Markdown } from '~/markdown/markdown.tsx';
import { ToolPart } from './tool-part.tsx';

/**
 * An answer as a person reads it: its text, with reasoning folded, tool calls and sources. Also rendered without
 * scripts, into the live frame of pages that have none.
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

/** Parts that do not change are the same objects, so only the one that is being written is rendered again. */
const Part = memo(function Part({ part, writing }: { part: MessagePart; writing: boolean }): ReactNode {
  const text = typeof part.text === 'string' ? part.text : '';
  switch (part.type) {
    case 'text':
      return text === '' ? null : <Markdown source={text} streaming={writing} />;
    case 'reasoning':
      return text === '' ? null : <Reasoning text={text} writing={writing} />;
    case 'source-url':
      return <Source url={String(part.url)} title={typeof part.title === 'string' ? part.title : null} />;
    case 'file':
      return <p className="text-muted text-sm">A file came with this answer. Files are not shown yet.</p>;
    default:
      return part.type === 'dynamic-tool' || part.type.startsWith('tool-') ? <ToolPart part={part} /> : null;
  }
});

function Reasoning({ text, writing }: { text: string; writing: boolean }) {
  return (
    <details className="aside-part">
      <summary>{writing ? 'Thinking…' : 'Thought about it'}</summary>
      <Markdown source={text} streaming={writing} />
    </details>
  );
}

function Source({ url, title }: { url: string; title: string | null }) {
  const href = safeUrl(url);
  if (!href) return null;
  return (
    <p className="text-sm">
      Source:{' '}
      <a className="link" href={href} target="_blank" rel="noopener noreferrer nofollow">
        {title ?? new URL(href).hostname}
      </a>
    </p>
  );
}

function Waiting() {
  return (
    <p className="waiting">
      <span className="sr-only">The answer is on its way.</span>
      <span aria-hidden="true" />
      <span aria-hidden="true" />
      <span aria-hidden="true" />
    </p>
  );
}

const hasContent = (parts: readonly MessagePart[]): boolean =>
  parts.some((part) => part.type !== 'step-start' && !part.type.startsWith('data-') && part.text !== '');
