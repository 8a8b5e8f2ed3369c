import { RejoinError } from '../../shared/errors.ts';
import type { StoredMessage } from '../../shared/chat/messages.ts';
import type { SharedMessage, ShownMessage } from '../../shared/chat/shares.ts';
import { MAX_PAGE_ENTRIES, type BranchMessage, type Chat } from '../../shared/chat/chat.ts';
import type { Chats } from '../chats/chats.ts';
import { shareable, type FrozenPage } from './shown-message.ts';

/** A page shows at most this many other versions of its messages. */
const MAX_VERSIONS = 200;

export interface ReadChat {
  page: FrozenPage;
  /** The answer that is being written at the end of the page. */
  stream: NonNullable<Chat['stream']> | null;
}

export interface ReadOptions {
  ownerId: string;
  chatId: string;
  /** The page shows the path through this message, down to its newest descendant. `null`: the path to the newest message. */
  leaf: string | null;
  withVersions: boolean;
  /** 0: no limit. */
  maxBytes: number;
  /** What to do if the path is larger than `maxBytes`: leave out the oldest messages, or throw `quota_exceeded`. */
  beyond: 'cut' | 'refuse';
}

/** Reads one path through a chat as a public page may show it. Throws `not_found` if there is no such chat. */
export async function readChat(chats: Pick<Chats, 'get'>, options: ReadOptions): Promise<ReadChat> {
  const { ownerId, chatId, leaf, maxBytes, beyond } = options;
  let first = await chats.get(ownerId, chatId, { ...(leaf === null ? {} : { leaf }), limit: MAX_PAGE_ENTRIES });
  // If `leaf` is the answer that is being written, it is not in the chat yet, so the path to its question is read.
  if (leaf !== null && first.stream?.messageId === leaf && first.stream.parentId !== null)
    first = await chats.get(ownerId, chatId, { at: first.stream.parentId, limit: MAX_PAGE_ENTRIES });
  const messages: ShownMessage[] = [];
  let bytes = 0;
  let isCut = false;
  let left = options.withVersions ? MAX_VERSIONS : 0;
  // From the newest message to the oldest.
  for (let page = first; ; page = await chats.get(ownerId, chatId, pageBefore(page.before))) {
    for (const message of page.messages.toReversed()) {
      const versions = await versionsOf(chats, options, { message, most: left });
      left -= versions.length;
      const shown = { ...shareable(message), ...(versions.length === 0 ? {} : { versions }) };
      bytes += Buffer.byteLength(JSON.stringify(shown));
      isCut = maxBytes > 0 && bytes > maxBytes;
      if (isCut && beyond === 'refuse') throw tooLarge(maxBytes);
      if (isCut) break;
      messages.unshift(shown);
    }
    if (isCut || page.before === null) break;
  }
  const { title, instructions, stream } = first;
  // An answer that is being written on another path is not part of this page.
  const isAtEnd = stream !== null && stream.parentId === (first.messages.at(-1)?.id ?? null);
  return {
    page: { title, ...(instructions === '' ? {} : { instructionsText: instructions }), messages, isCut },
    stream: isAtEnd ? stream : null,
  };
}

const pageBefore = (before: string) => ({ before, limit: MAX_PAGE_ENTRIES });

async function versionsOf(
  chats: Pick<Chats, 'get'>,
  { ownerId, chatId }: ReadOptions,
  { message, most }: { message: BranchMessage; most: number },
): Promise<SharedMessage[]> {
  const versions: SharedMessage[] = [];
  for (const id of (message.versions ?? []).filter((each) => each !== message.id).slice(0, most)) {
    const found: StoredMessage | undefined = (await chats.get(ownerId, chatId, { at: id, limit: 1 })).messages.at(-1);
    if (found?.id === id) versions.push(shareable(found));
  }
  return versions;
}

const tooLarge = (maxBytes: number) =>
  new RejoinError('quota_exceeded', {
    detail: `A public page may have at most ${maxBytes} bytes (MAX_SHARE_BYTES). Share fewer messages, or make a live page: it shows as many of the last messages as fit.`,
    extra: { maxBytes },
  });
