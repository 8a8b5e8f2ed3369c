import { problemSentence, useWords } from '~/words/words.ts';
import { issueSentence } from './issue-sentence.ts';
import type { TemplateProblem } from './template-page.server.ts';

/** Why a form about a template was refused, field by field. */
export function TemplateNotice({ problem, fieldOf }: { problem: TemplateProblem; fieldOf: (path: string) => string }) {
  const words = useWords();
  const { issues } = problem;
  return (
    <div role="alert" className="notice danger grid gap-1">
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
