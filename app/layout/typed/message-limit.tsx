import { useState, type ClipboardEvent, type DragEvent, type ReactNode } from 'react';
import { useLayout } from '~/layout/layout-data.tsx';
import { fill, useWords } from '~/words/words.ts';

/** Number of bytes of a request that are reserved for everything except the text: ids, the model, and so on. */
const REST_BYTES = 2048;
/** The longest form of one UTF-16 code unit in JSON: `\u0001`. */
const MAX_UNIT_BYTES = 6;

export interface MessageLimit {
  /** True if the text is short enough to be sent. Otherwise `notice` says that the text is too long. */
  fits: (text: string) => boolean;
  /** `onPaste` and `onDrop` are for a field or its form. They reject a text that is too long: inserting it would freeze the page. */
  onPaste: (event: ClipboardEvent) => void;
  onDrop: (event: DragEvent) => void;
  /** Says that a text is too long, with its size and the limit. `null` if nothing was too long. */
  notice: ReactNode;
}

/** The limit for a text that is sent to the server: a request may have at most `MAX_REQUEST_BYTES` bytes. */
export function useMessageLimit(): MessageLimit {
  const { maxRequestBytes } = useLayout();
  const { composer, language } = useWords();
  const [problem, setProblem] = useState<string | null>(null);
  const look = (text: string, sentence: string): boolean => {
    const bytes = requestBytes(text, maxRequestBytes);
    const isTooLong = bytes > maxRequestBytes;
    const sizes = { size: inUnits(bytes, language, 'ceil'), limit: inUnits(maxRequestBytes, language, 'floor') };
    setProblem(isTooLong ? fill(sentence, sizes) : null);
    return !isTooLong;
  };
  const inserted = (event: ClipboardEvent | DragEvent, data: DataTransfer) => {
    const { target } = event;
    if (!(target instanceof HTMLTextAreaElement)) return;
    const { value, selectionStart, selectionEnd } = target;
    const text = value.slice(0, selectionStart) + data.getData('text') + value.slice(selectionEnd);
    if (!look(text, composer.pasteTooLong)) event.preventDefault();
  };
  return {
    fits: (text) => look(text, composer.tooLong),
    onPaste: (event) => inserted(event, event.clipboardData),
    onDrop: (event) => inserted(event, event.dataTransfer),
    notice: problem && (
      <p role="alert" className="notice danger mb-2">
        {problem}
      </p>
    ),
  };
}

/** The size of a request with this text, in bytes. For a short text it is an upper bound. */
function requestBytes(text: string, max: number): number {
  const most = text.length * MAX_UNIT_BYTES + REST_BYTES;
  return most <= max ? most : new TextEncoder().encode(JSON.stringify(text)).length + REST_BYTES;
}

/** For example `1.5 MB`, or `4 kB` for a size below 1 MB. */
function inUnits(bytes: number, language: string, rounding: 'ceil' | 'floor'): string {
  const isSmall = bytes < 1024 * 1024;
  const count = Math[rounding]((bytes / (isSmall ? 1024 : 1024 * 1024)) * 10) / 10;
  return count.toLocaleString(language, { style: 'unit', unit: isSmall ? 'kilobyte' : 'megabyte' });
}
