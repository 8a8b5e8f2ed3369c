import { useLocation, useRouteLoaderData, type ShouldRevalidateFunction } from '@remix-run/react';
import { useEffect } from 'react';
import type { Chat } from '../../shared/chat/chat.ts';
import { newId } from '~/ui/new-id.ts';

const MAX_CHATS = 12;
/** Maximum length of all kept chats together. A character takes one or two bytes of memory. */
const MAX_CHARS = 4_000_000;

const CHAT_ROUTE = 'routes/_chat.chat.$chatId';

interface Kept {
  chat: Chat;
  isShared: boolean;
}

/** The chats that were read last in this tab, as JSON, by path. The chat that was read last is at the end. */
const kept = new Map<string, string>();

/**
 * Keeps the chats that a person reads, so that the person can open them again while offline. The chats are kept in memory only.
 * They are forgotten when another person signs in, or when the person leaves the pages with the sidebar.
 */
export function useKeptChats(userId: string): void {
  const { pathname, search } = useLocation();
  const shown = useRouteLoaderData(CHAT_ROUTE) as Kept | undefined;
  useEffect(() => forgetChats, [userId]);
  useEffect(() => {
    if (shown) keepChat(pathname + search, shown);
    // The page of a chat has no data if the person cannot read the chat any more. On other pages this call does nothing.
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

/** Forgets all versions of a chat. `pathname`: the path of the chat's page. */
export function forgetChat(pathname: string): void {
  for (const path of kept.keys()) if (path.split('?')[0] === pathname) kept.delete(path);
}

/** Forgets the rooms in which the person has no role any more. `isLost` gets the id of each kept chat. */
export function forgetLost(isLost: (chatId: string) => boolean): void {
  for (const path of kept.keys()) if (isLost(decodeURIComponent(path.split(/[/?]/)[2] ?? ''))) kept.delete(path);
}

/** The kept data for Remix's request with this URL, by route id. `null` if there is none, or if the request is for other routes. */
export function keptPage({ pathname, searchParams }: URL): object | null {
  const query = new URLSearchParams(searchParams);
  query.delete('_routes');
  const text = kept.get(pathname.replace(/\.data$/, '') + (query.size > 0 ? `?${query}` : ''));
  // The data of the layout is not kept. While offline, Remix does not request it: see `unlessOffline`.
  if (text === undefined || searchParams.get('_routes') !== CHAT_ROUTE) return null;
  return { [CHAT_ROUTE]: { data: { ...(JSON.parse(text) as Kept), here: [], fresh: newId(), kept: null } } };
}

/**
 * The `shouldRevalidate` of the routes that contain a chat's page. While the browser is offline, the data of these routes is not
 * loaded again. When the browser is back online, `useTabNews` loads the data.
 */
export const unlessOffline: ShouldRevalidateFunction = ({ defaultShouldRevalidate }) =>
  defaultShouldRevalidate && navigator.onLine;
