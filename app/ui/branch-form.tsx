import type { PropsWithChildren } from 'react';

export interface BranchFormProps {
  messageId: string;
  /** A value that came with the page, so that a form that is sent twice makes one fork. */
  fresh: string;
  /** True if the message is an answer that is being written. */
  streaming?: boolean;
  /** The event id up to which the answer is on the screen. Without JavaScript, the server takes the last one that is stored. */
  shown?: string | null;
  /** Makes a fork. `at`: the event id up to which an answer is copied, `now`, or `null` for the whole message. */
  onBranch: (messageId: string, at: string | null) => unknown;
}

/** The form that makes a fork. Its button is in `children`. Works without JavaScript. */
export function BranchForm(props: PropsWithChildren<BranchFormProps>) {
  const { messageId, fresh, streaming = false, shown, onBranch, children } = props;
  return (
    <form
      method="post"
      onSubmit={(event) => {
        event.preventDefault();
        onBranch(messageId, streaming ? (shown ?? 'now') : null);
      }}
    >
      <input type="hidden" name="intent" value="branch" />
      <input type="hidden" name="fresh" value={fresh} />
      <input type="hidden" name="messageId" value={messageId} />
      {streaming && <input type="hidden" name="at" value="now" />}
      {children}
    </form>
  );
}
