import { memo, type ReactNode } from 'react';
import type { MessagePart } from '../../../../shared/chat/messages.ts';
import type { Waiting } from '../../../../shared/stream/stream.ts';
import { safeUrl } from '~/markdown/safe-url.ts';
import { Markdown } from '~/markdown/markdown.tsx';
import { PartBoundary } from './part-boundary.tsx';
import { thoughtMs } from '../../../../shared/chat/thought-time.ts';
import { fill, useWords, type Words } from '~/words/words.ts';
import { ToolPart } from './tool-part.tsx';
import { textOf } from './value-text.ts';
import { WaitingNote } from '../waiting-note.tsx';

interface MessageBodyProps {
  parts: readonly MessagePart[];
  streaming: boolean;
  /** Why no text comes at the moment; `null` while text comes. */
  waiting?: Waiting | null;
}

/**
 * The content of an answer: its text, with folded reasoning, tool calls and sources. It is also rendered into the iframe that shows
 * a live answer without JavaScript.
 */
export function MessageBody({ parts, streaming, waiting = null }: MessageBodyProps) {
  const last = parts.length - 1;
  const shown = parts.map((part, index) => <Part key={index} part={part} writing={streaming && index === last} />);
  const hasBegun = hasContent(parts);
  return (
    <>
      {shown}
      {streaming && (waiting || !hasBegun) && <WaitingNote waiting={waiting} hasBegun={hasBegun} />}
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
      return text === '' ? null : (
        <Bounded text="" shown={<Reasoning text={text} writing={writing} ms={thoughtMs(part)} />} />
      );
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

function Bounded({ text, shown }: { text: string; shown: ReactNode }) {
  const { answer } = useWords();
  return <PartBoundary text={text || answer.brokenPart}>{shown}</PartBoundary>;
}

/** A model's thoughts, folded. `ms`: how long the model thought; `null` if that is not known. */
function Reasoning({ text, writing, ms }: { text: string; writing: boolean; ms: number | null }) {
  const { answer } = useWords();
  return (
    <details className="aside-part">
      <summary>{writing && ms === null ? answer.thinking : thoughtFor(ms, answer)}</summary>
      <Markdown source={text} streaming={writing} />
    </details>
  );
}

/** `2500` → `Thought for 3 s`, `75_000` → `Thought for 1 min 15 s` */
function thoughtFor(ms: number | null, words: Words['answer']): string {
  if (ms === null) return words.thought;
  const seconds = Math.max(1, Math.round(ms / 1000));
  if (seconds < 60) return fill(words.thoughtFor, { seconds });
  return fill(words.thoughtForMinutes, { minutes: Math.floor(seconds / 60), seconds: seconds % 60 });
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

const hasContent = (parts: readonly MessagePart[]): boolean =>
  parts.some((part) => part.type !== 'step-start' && !part.type.startsWith('data-') && part.text !== '');
