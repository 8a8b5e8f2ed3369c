import { useNavigate, useNavigation } from '@remix-run/react';
import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { BranchMessage, Chat, QueuedTurn } from '../../shared/chat/chat.ts';
import type { MessagePart, StoredMessage } from '../../shared/chat/messages.ts';
import type { StartBody, Waiting } from '../../shared/stream/stream.ts';
import type { TemplateUse } from '../../shared/templates/filling.ts';
import type { StreamError } from '~/hooks/stream-error.ts';
import type { Connection } from '~/hooks/stream-machine.ts';
import { useBrowserLayoutEffect } from '~/hooks/use-browser-layout-effect.ts';
import { useResumableStream, type InitialStream } from '~/hooks/use-resumable-stream.ts';
import { asQuestion, isNotice, placeholder, questionOf, reasonOf, visibleBranch, type Turn } from './conversation.ts';
import { useSending } from './queue/use-sending.ts';
import { newId } from '~/ui/new-id.ts';
import { tellTabs } from '~/layout/tab-channel.ts';
import { useRefresh } from '~/layout/refresh.tsx';
import { useWords } from '~/words/words.ts';
import { awaitEnd, useEnding, type Ending } from './use-ending.ts';

export interface Conversation {
  /** The visible branch. It contains the answer that is being written, but the parts of that answer are only in `live`. */
  branch: Turn[];
  live: LiveAnswer | null;
  running: boolean;
  /** A question was sent, and its answer has not started yet. */
  starting: boolean;
  /** The id of the answer that is being written. `null` if there is none, or if the answer was requested but has not begun yet. */
  writing: string | null;
  /** Stop was pressed and the server has not confirmed it yet. */
  stopping: boolean;
  /** How the last answer on this page ended; `null` if none has ended yet. */
  ending: Ending | null;
  connection: Connection;
  /** Waiting turns that the server has not rendered yet. */
  sending: readonly QueuedTurn[];
  /** Why an answer could not be started, followed or stopped. */
  problem: StreamError | null;
  /** Resolves to false if the answer could not be started. The typed text should then stay in the composer. */
  send: (text: string, options: SendOptions) => Promise<boolean>;
  edit: (question: StoredMessage, text: string, modelId: string) => Promise<boolean>;
  regenerate: (message: StoredMessage, modelId: string) => Promise<boolean>;
  goOn: (answer: StoredMessage, modelId: string) => Promise<boolean>;
  stop: () => void;
  /** Takes back a question that was not sent yet because the browser is offline. */
  callOff: (messageId: string) => void;
  /**
   * The id of the last message of the version that the person has chosen, if the answer that is being written belongs to another
   * version; otherwise `null`. Has no meaning while no answer is being written.
   */
  elsewhere: string | null;
}

export interface SendOptions {
  modelId: string;
  /** The id of the question. Default: a new one. */
  questionId?: string;
  instructions?: string;
  temporary?: boolean;
  /**
   * Where the question goes if the chat was continued in another tab, so that the last message on this page is no longer the newest
   * one. `end`: after the newest message of the chat. `version`: after the last message on this page, so that a second branch begins
   * there. Without `place`, the server refuses the question, except in a room where the person has not chosen a version. In such a
   * room, the question goes to the end, as with `end`.
   */
  place?: 'end' | 'version';
  /** The template from which the text was made. The server fills the template itself and uses its own result instead of the text. */
  template?: TemplateUse;
}

export interface LiveAnswer {
  id: string;
  parts: readonly MessagePart[];
  metadata: unknown;
  /** The id of the last event that `parts` contains; `null` before the first event. */
  lastEventId: string | null;
  streaming: boolean;
  /** Why no text comes at the moment; `null` while text comes. */
  waiting: Waiting | null;
}

/** The question and the answer of the last start on this page. They are shown until the server has rendered them. */
interface Pending {
  question: StoredMessage | null;
  answer: StoredMessage;
}

interface ConversationOptions {
  chat: Chat | null;
  chatId: string;
  userId: string;
  leafId: string | null;
  /** True if the chat is a room. In a room, a question waits if another person has asked first. */
  isRoom: boolean;
  /** Called when the person asks for an answer on this page, also if the question has to wait. */
  onStart: () => void;
}

/** A chat and the answer that is being written in it: what is shown, and what can be done. */
export function useConversation(options: ConversationOptions): Conversation {
  const { chat, chatId, userId, leafId, isRoom, onStart } = options;
  const words = useWords();
  const refresh = useRefresh();
  const navigate = useNavigate();
  /** True if the person has chosen another page, which is still being loaded. */
  const isLeaving = useRef(false);
  isLeaving.current = useNavigation().state === 'loading';
  const [pending, setPending] = useState<Pending | null>(null);
  const [starts, setStarts] = useState(0);
  const [stopping, setStopping] = useState(false);
  const [problem, setProblem] = useState<StreamError | null>(null);
  const starting = starts > 0;
  const { turns: sending, add: addSending, sent } = useSending(chat);

  const onError = (error: StreamError) => {
    setStopping(false);
    if (isNotice(error)) setProblem(error);
  };
  const stream = useResumableStream({ chatId, userId, initial: initialOf(chat), onError });
  const { status, startStream, cancelStream, callOffStart, dropQueued } = stream;

  // Tells the stream hook which turns it must not follow: all turns if the queue is paused, otherwise turns that have begun or were
  // removed. A turn has begun or was removed if the server rendered it in the queue earlier and does not do so now.
  const rendered = useRef(new Set<string>());
  useEffect(() => {
    const waiting = new Set(chat?.queue.turns.map(({ messageId }) => messageId));
    const isHeld = chat?.queue.paused === true;
    dropQueued(({ messageId }) => isHeld || (rendered.current.has(messageId) && !waiting.has(messageId)));
    for (const messageId of waiting) rendered.current.add(messageId);
  }, [chat, dropQueued]);

  const followed = status === 'connecting' || status === 'queued' || status === 'active';
  const ending = useEnding({ chat, leafId, stream, followed });
  // The other tabs are told twice about the end of an answer: at the end, and when `refresh` has loaded the chat. Loading the chat
  // makes the server mark the chat as read, and only afterwards can the other tabs show it as read.
  const isReadSoon = useRef(false);
  useEffect(() => {
    if (isReadSoon.current) tellTabs({ chatId });
    isReadSoon.current = false;
  }, [chat, chatId]);
  const wasFollowed = useRef(followed);
  useEffect(() => {
    if (wasFollowed.current && !followed) {
      refresh();
      tellTabs({ chatId });
      isReadSoon.current = true;
    }
    wasFollowed.current = followed;
  }, [followed, refresh, chatId]);

  const liveId = starting ? (pending?.answer.id ?? null) : (stream.message?.id ?? null);
  const outcome = followed || status === 'idle' ? undefined : status;
  const { code: errorCode, text: errorText } = (outcome === 'error' && reasonOf(stream.error, words)) || NO_REASON;
  /** The last answer that was written on this page, until the server has rendered it. */
  const unstored = useRef<BranchMessage | null>(null);
  const messages = useMemo(
    () => withLive({ chat, pending, liveId, outcome, errorText, errorCode, before: unstored.current }),
    [chat, pending, liveId, outcome, errorText, errorCode],
  );
  const branch = useMemo(() => visibleBranch(messages, leafId), [messages, leafId]);
  const stored = chat?.messages.some(({ id }) => id === liveId) ?? false;
  // While the followed turn waits in the queue, nothing is written, and Stop must not cancel the turn. The person can remove it in the
  // list of waiting turns.
  const waits = status === 'queued' && (stream.place ?? 0) > 0;
  const running = (starting || (followed && !waits)) && !stored;

  const start = useCallback(
    async (
      question: StoredMessage,
      request: Omit<StartBody, 'chatId' | 'messageId' | 'messages'>,
    ): Promise<boolean> => {
      const answer = placeholder(newId(), question.id);
      setProblem(null);
      setPending({ question, answer });
      setStarts((before) => before + 1);
      onStart();
      // A temporary chat may have expired. The start then creates the chat again, so each start says that the chat is temporary.
      const temporary = chat?.temporary ? { temporary: true } : {};
      const asked = askedBy(question, request.template);
      const result = await startStream({ ...request, ...temporary, ...asked, chatId, messageId: answer.id });
      setStarts((before) => before - 1);
      if (!result.started) {
        setPending(null);
        setProblem(isNotice(result.error) ? result.error : null);
        if (result.error.code === 'stream_active') refresh();
        return false;
      }
      // If the result has a place, the question waits, and the list of waiting turns shows it.
      if (result.place !== undefined) setPending(null);
      awaitEnd(answer.id);
      tellTabs({ chatId });
      // The URL without `leaf` shows the newest version, which is the one being written.
      if (!chat || leafId) {
        if (!isLeaving.current) void navigate(`/chat/${chatId}`, { replace: !chat, preventScrollReset: true });
      } else refresh();
      return true;
    },
    [chat, chatId, leafId, startStream, navigate, refresh, onStart],
  );

  const leaf = branch.at(-1)?.message ?? null;
  const elsewhere = leafId !== null && leaf !== null && leaf.id !== liveId ? leaf.id : null;
  /** Queues a question while an answer is written. When its turn comes, the question goes to the end of the branch that is shown. */
  const enqueue = useCallback(
    async (text: string, { questionId = newId(), ...options }: SendOptions): Promise<boolean> => {
      setProblem(null);
      const messageId = newId();
      addSending({ messageId, text, modelId: options.modelId, under: elsewhere ?? liveId });
      onStart();
      const asked = askedBy(asQuestion(questionId, text, null), options.template);
      // Without a parent, the question goes to the end of the branch that is being written.
      const place = elsewhere === null ? {} : { parentId: elsewhere, atEnd: true };
      const result = await startStream({ ...options, ...asked, ...place, chatId, messageId, whenBusy: 'queue' });
      sent(messageId, result.started && result.place !== undefined);
      if (!result.started) setProblem(isNotice(result.error) ? result.error : null);
      else tellTabs({ chatId });
      refresh();
      return result.started;
    },
    [chatId, elsewhere, liveId, startStream, refresh, addSending, sent, onStart],
  );
  const send = useCallback<Conversation['send']>(
    (text, { place, questionId = newId(), ...options }) => {
      if (running) return enqueue(text, { questionId, ...options });
      const parentId = leaf?.id ?? null;
      // In a room, somebody may have said something meanwhile, so the question goes after the newest message. In other chats, a
      // question is refused if the chat has gone on, so that no second branch begins unnoticed.
      const goesToEnd = place === 'end' || (isRoom && leafId === null && place === undefined);
      const after = parentId === null || goesToEnd ? {} : { parentId, ...(place ? {} : { atEnd: true }) };
      const queued = isRoom ? { whenBusy: 'queue' as const } : {};
      return start(asQuestion(questionId, text, parentId), { ...options, ...after, ...queued });
    },
    [leaf, leafId, start, enqueue, running, isRoom],
  );
  const edit = useCallback<Conversation['edit']>(
    ({ parentId }, text, modelId) => start(asQuestion(newId(), text, parentId), { modelId, parentId }),
    [start],
  );
  const regenerate = useCallback<Conversation['regenerate']>(
    async (message, modelId) => {
      const question = message.role === 'user' ? message : questionOf(messages, message);
      const place = question?.parentId ? { parentId: question.parentId } : {};
      return question ? start(question, { modelId, ...place }) : false;
    },
    [messages, start],
  );
  const goOn = useCallback<Conversation['goOn']>(
    async (answer, modelId) => {
      const question = questionOf(messages, answer);
      return question ? start(question, { modelId, continueFrom: answer.id }) : false;
    },
    [messages, start],
  );
  const stop = useCallback(() => {
    setStopping(true);
    void cancelStream();
  }, [cancelStream]);
  useEffect(() => {
    if (!running) setStopping(false);
  }, [running]);

  const written = stream.message?.id === liveId ? stream.message : null;
  useBrowserLayoutEffect(() => {
    const answer = written && messages.find(({ id }) => id === written.id);
    if (answer) unstored.current = { ...answer, parts: written.parts, metadata: written.metadata };
    if (chat?.messages.some(({ id }) => id === unstored.current?.id)) unstored.current = null;
  }, [chat, messages, written]);
  const live: LiveAnswer | null =
    liveId === null || stored
      ? null
      : {
          id: liveId,
          parts: written?.parts ?? [],
          metadata: written?.metadata,
          lastEventId: written ? stream.lastEventId : null,
          streaming: running,
          waiting: stream.waiting,
        };
  return {
    branch,
    live,
    running,
    starting,
    writing: running && !starting && status === 'active' ? liveId : null,
    elsewhere,
    sending,
    stopping: stopping && running,
    ending,
    connection: stream.connection,
    // An expired stream is not an error if its answer is stored in the chat.
    problem: stored && problem?.code === 'not_found' ? null : problem,
    send,
    edit,
    regenerate,
    goOn,
    stop,
    callOff: callOffStart,
  };
}

/** The part of a start's request that holds the question, or the template from which the server makes the question. */
const askedBy = ({ id, parts }: StoredMessage, template: TemplateUse | undefined) =>
  template ? { template: { ...template, questionId: id } } : { messages: [{ id, role: 'user' as const, parts }] };

const NO_REASON = { code: undefined, text: undefined };

function initialOf(chat: Chat | null): InitialStream | null {
  if (!chat?.stream) return null;
  const { streamId, lastEventId, message, status } = chat.stream;
  return { streamId, lastEventId, message, status };
}

interface Live {
  chat: Chat | null;
  pending: Pending | null;
  liveId: string | null;
  outcome: StoredMessage['status'];
  errorText: string | undefined;
  errorCode: string | undefined;
  /** The answer that was written before the live one, if the server has not rendered it yet. */
  before: BranchMessage | null;
}

/** The server's render, followed by newer messages: a question just asked, an answer being written. */
function withLive({ chat, pending, liveId, outcome, errorText, errorCode, before }: Live): BranchMessage[] {
  const messages = [...(chat?.messages ?? [])];
  const last = chat?.messages.at(-1)?.id;
  const add = (message: StoredMessage | null) => {
    if (!message || messages.some(({ id }) => id === message.id)) return;
    // `chat.messages` does not contain earlier answers to the last question. `chat.answers` has the ids of those answers.
    const versions = message.role === 'assistant' && message.parentId === last ? chat?.answers : undefined;
    messages.push(versions?.length ? { ...message, versions } : message);
  };
  const stream = chat?.stream ?? null;
  const ended = { status: outcome, errorText, errorCode };
  if (pending && pending.answer.id === liveId) {
    add(pending.question);
    add({ ...pending.answer, ...ended });
  } else if (stream && stream.message.id === liveId) {
    add({ ...placeholder(liveId, stream.parentId), modelId: stream.modelId, ...ended });
  } else if (before && before.id !== liveId) {
    // A waiting turn has begun and the server has not rendered it yet. Without the answer before it, the page would become shorter
    // for a moment, and a person who reads that answer would lose the place.
    if (pending?.answer.id === before.id) add(pending.question);
    add(before);
  }
  return messages;
}
