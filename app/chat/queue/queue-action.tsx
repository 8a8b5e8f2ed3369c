import type { ReactNode } from 'react';
import type { ChangeQueue, QueueRequest } from './use-queue.ts';

interface ActionProps {
  intent: string;
  request: QueueRequest;
  change: ChangeQueue;
  messageId?: string;
  place?: number;
  className?: string | undefined;
  /** The name of a button that shows only an icon. */
  name?: string;
  /** The message that the action is about, for screen readers. */
  label?: string;
  /** True if the button does nothing now. It keeps its place and the focus. */
  isOff?: boolean;
  children: ReactNode;
}

export function Action(props: ActionProps) {
  const { intent, request, change, messageId, place, className, name, label, isOff = false, children } = props;
  return (
    <form
      method="post"
      className={className}
      onSubmit={(event) => {
        event.preventDefault();
        if (isOff) return;
        const button = event.currentTarget.querySelector('button');
        void change(request);
        // React may have moved the row in the page, which takes the focus from the button.
        requestAnimationFrame(() => button?.focus({ preventScroll: true }));
      }}
    >
      <input type="hidden" name="intent" value={intent} />
      {messageId && <input type="hidden" name="messageId" value={messageId} />}
      {place && <input type="hidden" name="place" value={place} />}
      <button className={name ? 'icon-button' : 'button'} title={name} aria-disabled={isOff || undefined}>
        {children}
        {(name || label) && (
          <span className="sr-only">
            {name} {label}
          </span>
        )}
      </button>
    </form>
  );
}
