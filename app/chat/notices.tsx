import { useLayout } from '~/layout/layout-data.tsx';

/** What a person should know before sending: what went wrong, what is not kept, who answers. */
export function Notices({ problem, servedByDemo }: { problem: string | null; servedByDemo: boolean }) {
  const { models } = useLayout();
  return (
    <div className="mb-2 grid gap-2 empty:hidden">
      {problem && (
        <p role="alert" className="notice danger">
          {problem}
        </p>
      )}
      {!models.resumable && (
        <p className="notice">
          There is no Redis: answers go on while you are away, but only as long as this server runs.
        </p>
      )}
      {servedByDemo && (
        <p className="text-muted text-center text-xs">
          The built-in demo answers: no model is configured. Set a key in <code>.env</code> to ask a real one.
        </p>
      )}
    </div>
  );
}
