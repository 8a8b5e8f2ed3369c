import type { PropsWithChildren } from 'react';

export interface BranchFormProps {
  messageId: string;
  /**
   * A random value, new each time the server renders the page. A form that is sent twice has the same value, so the server makes
   * only one fork.
   */
  fresh: string;
  /** True if the message is an answer that is being written. */
  streaming?: boolean;
  /** The event id up to which the answer is on the screen. Without JavaScript, the server takes the last event id that is stored. */
  shown?: string | null;
  /**
   * Makes a fork. `at` is the event id up to which an answer is copied. `now` means up to the last stored event, and `null` means
   * the whole message.
   */
  onBranch: (messageId: string, at: string | null) => unknown;
}

/**
 * The form that makes a fork: a new chat with copies of all messages up to `messageId`. The pages call a fork a branch. `children`
 * contains the form's button. Works without JavaScript.
 */
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
