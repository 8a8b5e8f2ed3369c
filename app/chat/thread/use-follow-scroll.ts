import { useLocation } from '@remix-run/react';
import { useCallback, useRef, useState, type RefObject } from 'react';
import { useBrowserLayoutEffect } from '~/hooks/use-browser-layout-effect.ts';

/** A reader who is less than this far from the end counts as being at the end. */
const NEAR_PX = 24;

export interface FollowScroll {
  container: RefObject<HTMLDivElement>;
  content: RefObject<HTMLDivElement>;
  atEnd: boolean;
  /** Scrolls to the end and stays there while the content grows. */
  follow: () => void;
}

/**
 * The scroll position of the component that was unmounted last; `null` if its view followed the end. The first question of a new
 * chat leads from `/` to `/chat/<id>`. Another component is mounted there, and takes over this position.
 */
let left: { chatId: string; top: number } | null = null;

/**
 * Keeps the end of growing content in view while the reader is at the end. A reader who has scrolled up is never moved.
 * The view follows again once the reader scrolls to the end or `follow` is called, for example when the reader asks a question.
 *
 * A page whose URL leads to a message (`#m-<id>`) is opened at that message. The page of a new chat is opened at its top, and any
 * other page at its end.
 */
export function useFollowScroll(chatId: string): FollowScroll {
  const container = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const [atEnd, setAtEnd] = useState(true);

  /** The last scroll position, set by this code or by the reader. */
  const lastTop = useRef(0);
  const toEnd = useCallback(() => {
    const { current } = container;
    if (!current) return;
    current.scrollTop = current.scrollHeight;
    lastTop.current = current.scrollTop;
  }, []);
  const follow = useCallback(() => {
    following.current = true;
    setAtEnd(true);
    toEnd();
  }, [toEnd]);

  const { key, search } = useLocation();
  const isOpened = useRef(false);
  useBrowserLayoutEffect(() => {
    const message = location.hash.startsWith('#m-') ? document.getElementById(location.hash.slice(1)) : null;
    const isFirst = !isOpened.current;
    isOpened.current = true;
    if (!message && !isFirst) return;
    // A page with messages starts at its end. The page of a new chat has no messages and stays at its top, even if the page is
    // higher than the window.
    if (!message && content.current?.querySelector('.turn')) return toEnd();
    following.current = false;
    if (!message) return;
    message.scrollIntoView({ block: 'start' });
    // `key` changes when a search result leads to another message of the same chat.
  }, [toEnd, key]);
  const leaf = new URLSearchParams(search).get('leaf');
  const shownLeaf = useRef(leaf);
  useBrowserLayoutEffect(() => {
    // The person has chosen another version and reads it, so the view must not move to the end.
    if (leaf !== null && leaf !== shownLeaf.current) following.current = false;
    shownLeaf.current = leaf;
  }, [leaf]);
  useBrowserLayoutEffect(() => {
    const { current: box } = container;
    if (box && left?.chatId === chatId) {
      following.current = false;
      box.scrollTop = left.top;
      lastTop.current = box.scrollTop;
    }
    left = null;
    return () => {
      // The reader may have scrolled up so recently that the scroll event has not come yet.
      const isAway = box && (!following.current || box.scrollTop < lastTop.current);
      left = isAway ? { chatId, top: box.scrollTop } : null;
    };
  }, [chatId]);
  useBrowserLayoutEffect(() => {
    const { current: box } = container;
    if (!box || !content.current) return;
    lastTop.current = box.scrollTop;
    const toGo = () => box.scrollHeight - box.clientHeight - box.scrollTop;
    const look = () => setAtEnd(following.current || toGo() < NEAR_PX);
    const scrolled = () => {
      const { scrollTop } = box;
      if (scrollTop > lastTop.current && toGo() < NEAR_PX) following.current = true;
      // New text never reduces the scroll offset, so a smaller offset means that the reader has scrolled up. If the view is at the
      // end nevertheless, the content has become shorter, which is no wish of the reader.
      else if (scrollTop < lastTop.current && toGo() > 1) following.current = false;
      lastTop.current = scrollTop;
      look();
    };
    const observer = new ResizeObserver(() => {
      if (following.current) toEnd();
      look();
    });
    observer.observe(content.current);
    observer.observe(box);
    box.addEventListener('scroll', scrolled, { passive: true });
    look();
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', scrolled);
    };
  }, [toEnd]);

  return { container, content, atEnd, follow };
}
