import { useEffect } from 'react';
import type { Queue, QueuedTurn } from '../../../shared/chat/chat.ts';
import type { Room } from '../../../shared/chat/rooms.ts';
import { announce } from '~/ui/announcer.tsx';
import { queueSentences } from '~/chat/announcements.ts';
import { useDrafts } from '~/layout/typed/drafts.ts';
import { problemSentence, useWords } from '~/words/words.ts';
import { Action } from './queue-action.tsx';
import { useLostTexts } from './use-lost-texts.ts';
import { useQueue, type ChangeQueue, type QueueRequest } from './use-queue.ts';
import { Waiting } from './waiting-turn.tsx';

interface QueueListProps {
  chatId: string;
  rendered: Queue;
  /** Turns that this page is sending or has sent, and that the server has not rendered yet. */
  sending?: readonly QueuedTurn[];
  /** The message id of the turn whose whole text was loaded to be edited. */
  whole?: string | null;
  /** The ids of the messages that the page shows. */
  shown: ReadonlySet<string>;
  /** The ids of the earlier versions of the answer that is being written. */
  replaced?: readonly string[] | undefined;
  /** Called when a turn begins on the person's request, and its question goes to another version than the one that the page shows. */
  onElsewhere?: () => void;
  /** The person's role in the room decides which turns they may change. `null`: a chat without members. */
  room: Room | null;
  /** Called with the unsaved edits of messages that no longer wait. */
  onLeftOver: (text: string) => void;
  /** Called if the person removes a turn that was not sent yet because the browser is offline. */
  onCallOff: (messageId: string) => void;
}

/**
 * The turns that wait, shown below the answer that is being written. Every action is a form or a link and works without JavaScript,
 * except the removal of a turn that was not sent yet.
 */
export function QueueList(props: QueueListProps) {
  const { chatId, rendered, sending = [], whole = null, shown, replaced = [], room } = props;
  const { onElsewhere, onLeftOver, onCallOff } = props;
  const words = useWords();
  const { thread } = words;
  const { queue, change: send, problem } = useQueue(chatId, rendered);
  const { paused } = queue;
  const own = sending.filter(({ messageId }) => !queue.turns.some((turn) => turn.messageId === messageId));
  const turns = [...queue.turns, ...own].map((turn, at) => ({ ...turn, place: at + 1 }));
  const isElsewhere = (turn: QueuedTurn): boolean => {
    // A question follows a message of the chat, or the answer to another question that waits.
    let last = turn;
    for (const _ of turns) last = turns.find(({ messageId }) => messageId === last.under) ?? last;
    const { under, followsVersions } = last;
    return under !== null && !shown.has(under) && !(followsVersions && replaced.includes(under));
  };
  const drafts = useDrafts('waiting', chatId);
  useEffect(() => {
    const waiting = new Set(turns.map(({ messageId }) => messageId));
    const left = [...drafts].filter(([messageId]) => !waiting.has(messageId));
    for (const [messageId] of left) drafts.delete(messageId);
    if (left.length > 0) onLeftOver(left.map(([, text]) => text).join('\n'));
  });
  const change: ChangeQueue = async (request) => {
    // A person who removes messages does not want the unsaved edits of these messages either.
    if (request.method === 'DELETE') drafts.delete(request.messageId ?? '');
    if (isDiscard(request)) drafts.clear();
    const begun = beginsWith(request, turns);
    const isDone = await send(request);
    if (isDone && begun && isElsewhere(begun)) onElsewhere?.();
    if (isDone) announce(...queueSentences(request, words));
    return isDone;
  };
  const mayAct = room?.role !== 'viewer';
  const isSending = (turn: QueuedTurn) => own.some(({ messageId }) => messageId === turn.messageId);
  // A turn without `by` was asked by the owner, before the chat became a room.
  const isAuthor = (turn: QueuedTurn) =>
    !room || isSending(turn) || (turn.by ? turn.by.userId === room.userId : room.role === 'owner');
  const mayRemove = (turn: QueuedTurn) => room?.role === 'owner' || isAuthor(turn);
  const { lost, forget } = useLostTexts(chatId, { mayAct, own: room === null ? [] : turns.filter(isAuthor), shown });
  const notices = (
    <>
      {problem && (
        <p role="alert" className="notice danger">
          {problemSentence(words, problem)}
        </p>
      )}
      {lost.length > 0 && (
        <div role="alert" className="notice">
          <p>{words.people.turnsRemoved}</p>
          <ul>
            {lost.map((text, at) => (
              <li key={at} dir="auto" className="whitespace-pre-wrap">
                {text}
              </li>
            ))}
          </ul>
          <button type="button" className="button" onClick={forget}>
            {words.common.close}
          </button>
        </div>
      )}
    </>
  );
  if (turns.length === 0) return notices;
  return (
    <section className="queue" aria-label={thread.queue.label}>
      {notices}
      <ol>
        {turns.map((turn) => (
          <Waiting
            key={turn.messageId}
            turn={turn}
            count={turns.length}
            isSending={isSending(turn)}
            isElsewhere={isElsewhere(turn)}
            onCallOff={onCallOff}
            asker={isAuthor(turn) ? null : (turn.by?.name ?? words.people.roles.owner)}
            maySend={mayAct}
            mayEdit={mayAct && isAuthor(turn)}
            mayRemove={mayAct && mayRemove(turn)}
            {...{ paused, whole, change, drafts }}
          />
        ))}
      </ol>
      {/* The notice takes up its space even while it is invisible, so that no message moves when it appears. */}
      <div className={`notice held ${paused ? '' : 'invisible'}`}>
        <p>{thread.queue.heldText}</p>
        {mayAct && (
          <Action intent="queue-resume" request={{ method: 'POST', body: { action: 'resume' } }} change={change}>
            {thread.queue.resume}
          </Action>
        )}
        {mayAct && turns.every(mayRemove) && (
          <Action intent="queue-discard" request={{ method: 'POST', body: { action: 'discard' } }} change={change}>
            {thread.queue.discard}
          </Action>
        )}
      </div>
    </section>
  );
}

/** The turn that begins next because of the request: at once, or when the answer that is being written has ended. */
function beginsWith({ body }: QueueRequest, turns: readonly QueuedTurn[]): QueuedTurn | undefined {
  const { action, messageId } = Object(body) as { action?: string; messageId?: string };
  if (action === 'resume') return turns[0];
  return action === 'send' ? turns.find((turn) => turn.messageId === messageId) : undefined;
}

const isDiscard = ({ body }: QueueRequest): boolean => (Object(body) as { action?: string }).action === 'discard';
