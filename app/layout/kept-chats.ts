import { useLocation, useRouteLoaderData, type ShouldRevalidateFunction } from '@remix-run/react';
import { useEffect } from 'react';
import type { Chat } from '../../shared/chat.ts';
import { newId } from '~/ui/new-id.ts';

const MAX_CHATS = 12;
/** A character takes one or two bytes of memory. */
const MAX_CHARS = 4_000_000;

const CHAT_ROUTE = 'routes/_chat.chat.$chatId';

interface Kept {
  chat: Chat;
  isShared: boolean;
}

/** The chats that were read last in this tab, as JSON, by path. The newest is the last one. */
const kept = new Map<string, string>();

/**
 * Keeps the chats that a person reads, so that they can go back to one while offline. They are kept in memory only. They are
 * forgotten when another person signs in, or the person leaves the pages with the sidebar.
 */
export function useKeptChats(userId: string): void {
  const { pathname, search } = useLocation();
  const shown = useRouteLoaderData(CHAT_ROUTE) as Kept | undefined;
  useEffect(() => forgetChats, [userId]);
  useEffect(() => {
    if (shown) keepChat(pathname + search, shown);
    // A chat that cannot be read any more. On other pages this does nothing.
    else forgetChat(pathname);
  }, [pathname, search, shown]);
}

export function keepChat(path: string, { chat, isShared }: Kept): void {
  kept.delete(path);
  kept.set(path, JSON.stringify({ chat, isShared }));
  let chars = 0;
  for (const [each, text] of [...kept].reverse()) {
    chars += text.length;
    if (chars > MAX_CHARS) kept.delete(each);
  }
  if (kept.size > MAX_CHATS) kept.delete(kept.keys().next().value!);
}

export const forgetChats = (): void => kept.clear();

/** Forgets all versions of a chat. `pathname`: of its page. */
export function forgetChat(pathname: string): void {
  for (const path of kept.keys()) if (path.split('?')[0] === pathname) kept.delete(path);
}

/** Forgets the rooms in which the person has no role any more. `isLost` gets the id in the address of a chat. */
export function forgetLost(isLost: (chatId: string) => boolean): void {
  for (const path of kept.keys()) if (isLost(decodeURIComponent(path.split(/[/?]/)[2] ?? ''))) kept.delete(path);
}

/** The data of the chat's page that this request asks for, by route; `null` if it was not kept. */
export function keptPage({ pathname, searchParams }: URL): object | null {
  const query = new URLSearchParams(searchParams);
  query.delete('_routes');
  const text = kept.get(pathname.replace(/\.data$/, '') + (query.size > 0 ? `?${query}` : ''));
  // The data of the layout is not kept. It is not requested offline: see `unlessOffline`.
  if (text === undefined || searchParams.get('_routes') !== CHAT_ROUTE) return null;
  return { [CHAT_ROUTE]: { data: { ...(JSON.parse(text) as Kept), here: [], fresh: newId(), kept: null } } };
}

/** For routes around the chat's page: offline, they stay as they are. The page loads everything again when it is back online. */
export const unlessOffline: ShouldRevalidateFunction = ({ defaultShouldRevalidate }) =>
  defaultShouldRevalidate && navigator.onLine;
