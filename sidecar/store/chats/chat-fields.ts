import type { StoredMessage } from '../../../shared/chat/messages.ts';
import type { StreamOutcome } from '../../../shared/stream/stream.ts';
import type { ChatHead, MessagePlace } from './chat-store.ts';
import type { KeptOrigin } from './forks/fork-store.ts';

/** The fields of a chat's hash in Redis that {@link toChatHead} reads, and `format`. PROTOCOL.md 12.3 describes all fields. */
export const HEAD_FIELDS = [
  'title',
  'createdAt',
  'updatedAt',
  'instructions',
  'stream',
  'streamAt',
  'lastStream',
  'lastMessage',
  'lastStatus',
  'lastEndedAt',
  'readAt',
  'newest',
  'count',
  'bytes',
  'address',
  'format',
  'pinnedAt',
  'archivedAt',
  'temporary',
  'fork',
  'room',
  'v',
  'members',
  'ownerName',
  'viewersFork',
] as const;
export type HeadField = (typeof HEAD_FIELDS)[number];
export type HeadFields = Partial<Record<HeadField, string>>;

/** The value of `format`. Chats stored by an older release have neither `format` nor the fields of {@link placeField}. */
export const FORMAT = '2';

/** The field with the words of a message, for searches. */
export const wordsField = (messageId: string): string => `w:${messageId}`;
export const TITLE_WORDS_FIELD = 'words';

export const messageField = (messageId: string): string => `m:${messageId}`;
/** The field with a member of the room, as JSON. */
export const memberField = (userId: string): string => `u:${userId}`;
/** The field with the ids of the forks that were made at a message, divided by spaces, oldest first. */
export const forksField = (messageId: string): string => `k:${messageId}`;
export const placeField = (messageId: string): string => `t:${messageId}`;
export const MESSAGE_FIELD = /^m:/;

/** `values`: what HMGET returned for {@link HEAD_FIELDS}, in their order. */
export const headFieldsIn = (values: readonly (string | Buffer | null | undefined)[]): HeadFields =>
  Object.fromEntries(HEAD_FIELDS.flatMap((name, i) => (values[i] == null ? [] : [[name, values[i].toString()]])));

export function toChatHead(chatId: string, fields: HeadFields): ChatHead | null {
  if (fields.createdAt === undefined) return null;
  return {
    chatId,
    title: fields.title ?? '',
    createdAt: fields.createdAt,
    updatedAt: fields.updatedAt ?? fields.createdAt,
    instructions: fields.instructions ?? '',
    stream: fields.stream ?? null,
    streamAt: fields.streamAt ?? null,
    last:
      fields.lastStream === undefined
        ? null
        : {
            streamId: fields.lastStream,
            messageId: fields.lastMessage ?? '',
            status: (fields.lastStatus ?? 'completed') as StreamOutcome,
            endedAt: fields.lastEndedAt ?? fields.createdAt,
          },
    readAt: fields.readAt ?? null,
    newest: fields.newest ?? null,
    count: Number(fields.count ?? 0),
    bytes: Number(fields.bytes ?? 0),
    address: fields.address ?? null,
    pinnedAt: fields.pinnedAt ?? null,
    archivedAt: fields.archivedAt ?? null,
    temporary: fields.temporary !== undefined,
    fork: fields.fork === undefined ? null : (JSON.parse(fields.fork) as KeptOrigin),
    roomId: fields.room ?? null,
    v: Number(fields.v ?? 0),
    people: 1 + (fields.members?.split(' ').length ?? 0),
    ownerName: fields.ownerName ?? null,
    viewersFork: fields.viewersFork !== undefined,
  };
}

const ROLE_OF_LETTER: Record<string, StoredMessage['role']> = { u: 'user', a: 'assistant', s: 'system' };

export const letterOf = (role: StoredMessage['role']): string => role[0]!;
export const roleOf = (letter: string | undefined): StoredMessage['role'] => ROLE_OF_LETTER[letter ?? ''] ?? 'user';

/** Parses the value of {@link placeField}: `<role><parent id> <depth> <characters> <bytes>`, where the role is one letter. */
export function toPlace(value: string): MessagePlace & { bytes: number } {
  const [parent = '', depth, chars, bytes] = value.split(' ');
  return {
    role: roleOf(parent[0]),
    parentId: parent.length > 1 ? parent.slice(1) : null,
    depth: Number(depth),
    chars: Number(chars),
    bytes: Number(bytes),
  };
}

/**
 * Parses the value of the field `c:<parent>`: the ids of the messages after that parent, divided by spaces, each with the letter
 * of its role in front.
 */
export const toChildren = (value: string): { id: string; role: StoredMessage['role'] }[] =>
  value === '' ? [] : value.split(' ').map((child) => ({ id: child.slice(1), role: roleOf(child[0]) }));

export const versionsAmong = (siblings: readonly { id: string; role: string }[], role: string): string[] =>
  siblings.filter((sibling) => sibling.role === role).map(({ id }) => id);
