import { useEffect, useRef } from 'react';
import { problemSentence, useWords } from '~/words/words.ts';
import { issueSentence } from './issue-sentence.ts';
import type { TemplateProblem } from './template-page.server.ts';

/** Why a form about a template was refused, field by field. */
export function TemplateNotice({ problem, fieldOf }: { problem: TemplateProblem; fieldOf: (path: string) => string }) {
  const words = useWords();
  const { issues } = problem;
  const box = useRef<HTMLDivElement>(null);
  // The pressed button is disabled for a moment and loses the focus, so the notice takes the focus. The focus also scrolls the
  // notice into view. That is needed if the button is far below the notice.
  useEffect(() => box.current?.focus(), [problem]);
  return (
    <div ref={box} role="alert" tabIndex={-1} className="notice danger grid scroll-mt-16 gap-1">
      {issues.length === 0 ? (
        <p>{problemSentence(words, problem)}</p>
      ) : (
        <ul className="grid gap-1">
          {issues.map(({ path, message }) => (
            <li key={path + message}>
              <b className="font-medium">{fieldOf(path)}</b>: {issueSentence(words, message)}
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}
