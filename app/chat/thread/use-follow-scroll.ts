import { useLocation } from '@remix-run/react';
import { useCallback, useEffect, useLayoutEffect, useRef, useState, type RefObject } from 'react';

/** Closer to the end than this counts as being there. */
const NEAR_PX = 24;

export interface FollowScroll {
  container: RefObject<HTMLDivElement>;
  content: RefObject<HTMLDivElement>;
  atEnd: boolean;
  /** Goes to the end and stays there while the content grows. */
  follow: () => void;
}

const useBrowserLayoutEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect;

/**
 * Keeps the end of a growing content in view while the reader is there. A reader who has scrolled up is never moved:
 * only `follow`, which is called for one's own new question or answer, and scrolling back down bring the end back.
 *
 * A page that is opened at a message (`#m-<id>`) begins there, any other one at its end.
 */
export function useFollowScroll(): FollowScroll {
  const container = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const [atEnd, setAtEnd] = useState(true);

  /** Where the box stood last, by its own doing or the reader's. */
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

  const { key } = useLocation();
  const isOpened = useRef(false);
  useBrowserLayoutEffect(() => {
    const message = location.hash.startsWith('#m-') ? document.getElementById(location.hash.slice(1)) : null;
    const isFirst = !isOpened.current;
    isOpened.current = true;
    if (!message) return isFirst ? toEnd() : undefined;
    following.current = false;
    message.scrollIntoView({ block: 'start' });
    // A search leads to another message of the same chat.
  }, [toEnd, key]);
  useEffect(() => {
    const { current: box } = container;
    if (!box || !content.current) return;
    lastTop.current = box.scrollTop;
    const toGo = () => box.scrollHeight - box.clientHeight - box.scrollTop;
    const look = () => setAtEnd(following.current || toGo() < NEAR_PX);
    const scrolled = () => {
      const { scrollTop } = box;
      if (toGo() <= 1 || (scrollTop > lastTop.current && toGo() < NEAR_PX)) following.current = true;
      // New text pushes nothing up: a smaller offset away from the end is the reader's doing.
      else if (scrollTop < lastTop.current) following.current = false;
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
