import { Link } from '@remix-run/react';
import { useLayout } from '~/layout/layout-data.tsx';
import type { ReactNode } from 'react';
import { problemSentence, useWords } from '~/words/words.ts';

interface NoticesProps {
  problem: { code: string | null; message: string } | null;
  onlyDemo: boolean;
  /** Buttons that may solve the problem. */
  children?: ReactNode;
}

/** Notices above the composer. They say what failed, that answers are kept only in memory, and that the demo model answers. */
export function Notices({ problem, onlyDemo, children }: NoticesProps) {
  const words = useWords();
  const { models, isOperator } = useLayout();
  return (
    <div className="mb-2 grid gap-2 empty:hidden">
      {problem && (
        <p role="alert" className="notice danger">
          {problemSentence(words, problem)}
        </p>
      )}
      {children}
      {!models.resumable && <p className="notice">{words.composer.noRedis}</p>}
      {onlyDemo && (
        <p className="text-muted text-center text-xs">
          {words.composer.demo}{' '}
          {isOperator && (
            <Link className="link" to="/settings#models">
              {words.composer.demoForAdmins}
            </Link>
          )}
        </p>
      )}
    </div>
  );
}
