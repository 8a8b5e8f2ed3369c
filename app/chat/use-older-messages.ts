import { useCallback, useMemo, useRef, useState, type RefObject } from 'react';
import type { BranchMessage, Chat } from '../../shared/chat/chat.ts';
import { useBrowserLayoutEffect } from '~/hooks/use-browser-layout-effect.ts';
import { getJson } from '~/ui/get-json.ts';

export interface OlderMessages {
  /** The chat with all loaded messages of the visible branch. */
  chat: Chat | null;
  /** The query parameter `before` that loads the next older page; `null` if there is no older page. */
  before: string | null;
  loading: boolean;
  load: () => void;
}

/**
 * The server sends only the last page of a long chat. This hook loads older pages on demand, and keeps them when the server
 * renders the chat again. The visible messages do not move when older messages are added above them.
 */
export function useOlderMessages(rendered: Chat | null, container: RefObject<HTMLElement>): OlderMessages {
  const seen = useRef(new Map<string, BranchMessage>());
  /** The `before` of each loaded page, by the id of the page's first message. */
  const edges = useRef(new Map<string, string | null>());
  const [pages, setPages] = useState<readonly Chat[]>([]);
  const [loading, setLoading] = useState(false);
  const anchor = useRef<{ id: string; top: number } | null>(null);

  const chat = useMemo(() => {
    if (!rendered) return null;
    for (const page of [rendered, ...pages]) keep(page, { seen: seen.current, edges: edges.current });
    return { ...rendered, messages: withAncestors(rendered.messages, seen.current) };
  }, [rendered, pages]);

  const first = chat?.messages[0]?.id ?? null;
  const before = first === null ? null : (edges.current.get(first) ?? null);
  const chatId = rendered?.chatId ?? null;
  const load = useCallback(() => {
    if (chatId === null || before === null || loading) return;
    setLoading(true);
    const path = `/api/chats/${encodeURIComponent(chatId)}?${new URLSearchParams({ before })}`;
    void getJson(path)
      .then(async (response) => (response.ok ? ((await response.json()) as Chat) : null))
      // Nothing was loaded. The person can try again.
      .catch(() => null)
      .then((page) => {
        setLoading(false);
        if (!page) return;
        anchor.current = placeOf(first, container.current);
        setPages((known) => [...known, page]);
      });
  }, [chatId, before, loading, first, container]);

  useBrowserLayoutEffect(() => {
    const { current: box } = container;
    const { current: place } = anchor;
    anchor.current = null;
    if (!box || !place) return;
    const now = placeOf(place.id, box);
    if (now) box.scrollTop += now.top - place.top;
  }, [chat, container]);

  return { chat, before, loading, load };
}

interface Known {
  seen: Map<string, BranchMessage>;
  edges: Map<string, string | null>;
}

function keep(page: Pick<Chat, 'messages' | 'before'>, { seen, edges }: Known): void {
  for (const message of page.messages) seen.set(message.id, message);
  const first = page.messages[0];
  if (first) edges.set(first.id, page.before);
}

/** The loaded ancestors of the first message, oldest first, and then `messages`. */
function withAncestors(messages: readonly BranchMessage[], seen: ReadonlyMap<string, BranchMessage>): BranchMessage[] {
  const above: BranchMessage[] = [];
  const used = new Set(messages.map(({ id }) => id));
  let at = seen.get(messages[0]?.parentId ?? '');
  while (at && !used.has(at.id)) {
    used.add(at.id);
    above.push(at);
    at = seen.get(at.parentId ?? '');
  }
  return [...above.reverse(), ...messages];
}

function placeOf(id: string | null, box: HTMLElement | null): { id: string; top: number } | null {
  const element = id === null || !box ? null : document.getElementById(`m-${id}`);
  return element && id !== null ? { id, top: element.getBoundingClientRect().top } : null;
}
