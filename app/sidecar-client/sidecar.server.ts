import type { z } from 'zod';
import { analyticsAnswerSchema, type AnalyticsAnswer, type AnalyticsQuery } from '../../shared/analytics.ts';
import {
  chatListSchema,
  chatSchema,
  chatSummarySchema,
  latestStreamSchema,
  messagePageSchema,
  modelListSchema,
  queuedTurnSchema,
  queueSchema,
  type Chat,
  type ChatList,
  type ChatListQuery,
  type ChatDeletionQuery,
  type ChatPatch,
  type ChatQuery,
  type ChatSummary,
  type MessagePage,
  type MessagesQuery,
  type ModelList,
  type Queue,
  type QueuedTurn,
  type QueueAction,
  type QueuedTurnPatch,
} from '../../shared/chat/chat.ts';
import { forkAnswerSchema, type ForkAnswer, type ForkRequest } from '../../shared/chat/forks.ts';
import { searchAnswerSchema, type SearchAnswer, type SearchQuery } from '../../shared/chat/search.ts';
import {
  activeAnswerSchema,
  cancelAnswerSchema,
  cleanupAnswerSchema,
  startAnswerSchema,
  streamStateSchema,
  type CancelAnswer,
  type CleanupAnswer,
  type StartAnswer,
  type StartBody,
  type StreamState,
} from '../../shared/stream/stream.ts';
import { config } from '~/process/config.server.ts';
import {
  createSidecarHttp,
  type Caller,
  type OpenEvents,
  type SidecarHttp,
  type SidecarEvents,
} from './sidecar-http.server.ts';

/**
 * The calls to the sidecar, except those for rooms, templates, shares and public pages, which are in the folders of these subjects.
 * A function that takes a `caller` acts for that person. If a call fails, the function throws a `RejoinError` with the code that the
 * sidecar answered (`not_found`, `stream_active`, …), or with `sidecar_unreachable` if the sidecar did not answer.
 */

let connected: SidecarHttp | undefined;
export const sidecar = (): SidecarHttp => (connected ??= createSidecarHttp(config().sidecar));

function queryString(query: Record<string, string | number | undefined>): string {
  const given = Object.entries(query).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]]));
  return given.length === 0 ? '' : `?${new URLSearchParams(given)}`;
}

const chatPath = (chatId: string) => `/chats/${encodeURIComponent(chatId)}`;
const streamPath = (streamId: string) => `/streams/${encodeURIComponent(streamId)}`;

/** Starts the answer, or finds the one that the same request has started before (`created: false`). */
export async function startStream(caller: Caller, request: StartBody): Promise<StartAnswer & { created: boolean }> {
  const { status, body } = await sidecar().send(caller, { method: 'POST', path: '/streams', body: request });
  return { ...sidecar().parse(startAnswerSchema, body), created: status === 201 };
}

/** Forks a chat at a message, or finds the fork that the same request has made before (`created: false`). */
export async function forkChat(
  caller: Caller,
  chatId: string,
  request: ForkRequest,
): Promise<ForkAnswer & { created: boolean }> {
  const { status, body } = await sidecar().send(caller, {
    method: 'POST',
    path: `${chatPath(chatId)}/forks`,
    body: request,
  });
  return { ...sidecar().parse(forkAnswerSchema, body), created: status === 201 };
}

export const streamState = (caller: Caller, streamId: string): Promise<StreamState> =>
  sidecar().json(caller, streamStateSchema, { method: 'GET', path: streamPath(streamId) });

export const activeStreams = (caller: Caller): Promise<StreamState[]> =>
  sidecar()
    .json(caller, activeAnswerSchema, { method: 'GET', path: '/streams' })
    .then(({ streams }) => streams);

/** Everybody's active streams, with their owners and readers. The caller must be an administrator. */
export const allActiveStreams = (caller: Caller): Promise<StreamState[]> =>
  sidecar()
    .json(caller, activeAnswerSchema, { method: 'GET', path: '/streams?all=1' })
    .then(({ streams }) => streams);

/** The counts of all sidecars together, by hour or day. The caller must be an administrator. */
export const analytics = (caller: Caller, query: AnalyticsQuery): Promise<AnalyticsAnswer> =>
  sidecar().json(caller, analyticsAnswerSchema, { method: 'GET', path: `/analytics?${new URLSearchParams(query)}` });

/** Resolves after the end of the stream is stored. Cancelling an ended stream is not an error: the result says how the stream ended. */
export const cancelStream = (caller: Caller, streamId: string): Promise<CancelAnswer> =>
  sidecar().json(caller, cancelAnswerSchema, { method: 'DELETE', path: streamPath(streamId) });

/**
 * Removes streams of the caller, or of everybody if the caller is an administrator. `expired` removes the streams that have expired.
 * `force` removes every stream that has ended, and every stream that no process writes.
 */
export const cleanup = (caller: Caller, action: CleanupAnswer['action']): Promise<CleanupAnswer> =>
  sidecar().json(caller, cleanupAnswerSchema, {
    method: 'POST',
    path: '/cleanup',
    body: { action },
    timeoutMs: 60_000,
  });

export const models = (caller: Caller): Promise<ModelList> =>
  sidecar().json(caller, modelListSchema, { method: 'GET', path: '/models' });

/** A page of the caller's conversations, most recently changed first. `q` searches all titles. */
export const listChats = (caller: Caller, query: Partial<ChatListQuery> = {}): Promise<ChatList> =>
  sidecar().json(caller, chatListSchema, { method: 'GET', path: `/chats${queryString(query)}` });

/** The caller's conversations that contain the words of the query, each with the line in which the words are. */
export const searchChats = (caller: Caller, query: SearchQuery): Promise<SearchAnswer> =>
  sidecar().json(caller, searchAnswerSchema, { method: 'GET', path: `/search${queryString(query)}` });

/** A page of a conversation: by default the end of its newest branch. */
export const getChat = (caller: Caller, chatId: string, query: Partial<ChatQuery> = {}): Promise<Chat> =>
  sidecar().json(caller, chatSchema, { method: 'GET', path: `${chatPath(chatId)}${queryString(query)}` });

const queuePath = (chatId: string, messageId?: string) =>
  `${chatPath(chatId)}/queue${messageId === undefined ? '' : `/${encodeURIComponent(messageId)}`}`;

export const getQueue = (caller: Caller, chatId: string): Promise<Queue> =>
  sidecar().json(caller, queueSchema, { method: 'GET', path: queuePath(chatId) });

/** A turn that waits, with its whole text. */
export const getQueued = (caller: Caller, chatId: string, messageId: string): Promise<QueuedTurn> =>
  sidecar().json(caller, queuedTurnSchema, { method: 'GET', path: queuePath(chatId, messageId) });

/** Resumes or discards the turns that wait, or sends one of them now. */
export const actOnQueue = (caller: Caller, chatId: string, action: QueueAction): Promise<Queue> =>
  sidecar().json(caller, queueSchema, { method: 'POST', path: queuePath(chatId), body: action });

/** Edits or moves a turn that waits. */
export const changeQueued = (
  caller: Caller,
  chatId: string,
  { messageId, ...patch }: QueuedTurnPatch & { messageId: string },
): Promise<Queue> =>
  sidecar().json(caller, queueSchema, { method: 'PATCH', path: queuePath(chatId, messageId), body: patch });

export const removeQueued = (caller: Caller, chatId: string, messageId: string): Promise<Queue> =>
  sidecar().json(caller, queueSchema, { method: 'DELETE', path: queuePath(chatId, messageId) });

/** A page of all versions of all messages of a conversation, in the order in which they were added. */
export const getMessages = (caller: Caller, chatId: string, query: Partial<MessagesQuery> = {}): Promise<MessagePage> =>
  sidecar().json(caller, messagePageSchema, {
    method: 'GET',
    path: `${chatPath(chatId)}/messages${queryString(query)}`,
  });

/**
 * Changes a chat and returns it. Returns `null` if a member marks somebody else's chat as read: the sidecar stores the time of the last
 * reading only for the owner.
 */
export async function patchChat(caller: Caller, chatId: string, patch: ChatPatch): Promise<ChatSummary | null> {
  const { status, body } = await sidecar().send(caller, { method: 'PATCH', path: chatPath(chatId), body: patch });
  return status === 204 ? null : sidecar().parse(chatSummarySchema, body);
}

export async function deleteChat(caller: Caller, chatId: string, query: ChatDeletionQuery = {}): Promise<void> {
  const path = `${chatPath(chatId)}${queryString(query)}`;
  await sidecar().send(caller, { method: 'DELETE', path, timeoutMs: 30_000 });
}

/** Deletes all of the caller's chats, streams, public pages and templates, and leaves all rooms of others. */
export async function deleteAllChats(caller: Caller): Promise<void> {
  await sidecar().send(caller, { method: 'DELETE', path: '/chats', timeoutMs: 60_000 });
}

/** The stream for a stock `useChat` to follow: active, or ended less than a minute ago; `null` if there is none. */
export async function latestStream(caller: Caller, chatId: string): Promise<z.infer<typeof latestStreamSchema> | null> {
  const { status, body } = await sidecar().send(caller, { method: 'GET', path: `${chatPath(chatId)}/stream` });
  return status === 204 ? null : sidecar().parse(latestStreamSchema, body);
}

/** Opens a stream's events or text. The caller must read or destroy the body. */
export const openEvents = (caller: Caller, streamId: string, options: OpenEvents): Promise<SidecarEvents> =>
  sidecar().open(caller, `${streamPath(streamId)}/events`, options);

export const assertSidecarReady = (): Promise<void> => sidecar().ready();
