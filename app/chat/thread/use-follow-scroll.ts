import { useCallback, useEffect, useLayoutEffect, useRef, useState } from 'react';
import type { RefObject } from 'react';

/** So near to the end counts as there. */
const NEAR_PX = 24;

export interface FollowScroll {
  container: RefObject<HTMLDivElement>;
  content: RefObject<HTMLDivElement>;
  atEnd: boolean;
  /** Goes to the end and stays there while it grows. */
  follow: () => void;
}

const useBrowserLayoutEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect;

/** Keeps the end of a growing content in view, unless one has scrolled up; a new answer begins in view. */
export function useFollowScroll(answerId: string | null): FollowScroll {
  const container = useRef<HTMLDivElement>(null);
  const content = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  const [atEnd, setAtEnd] = useState(true);

  const toEnd = useCallback(() => {
    const { current } = container;
    if (current) current.scrollTop = current.scrollHeight;
  }, []);
  const follow = useCallback(() => {
    following.current = true;
    setAtEnd(true);
    toEnd();
  }, [toEnd]);

  useBrowserLayoutEffect(toEnd, [toEnd, answerId]);
  useEffect(() => {
    const { current: box } = container;
    if (!box || !content.current) return;
    let lastTop = box.scrollTop;
    const scrolled = () => {
      const isNear = box.scrollHeight - box.clientHeight - box.scrollTop < NEAR_PX;
      if (isNear) following.current = true;
      // What is written pushes nothing up: a smaller offset is a person's doing.
      else if (box.scrollTop < lastTop) following.current = false;
      lastTop = box.scrollTop;
      setAtEnd(following.current || isNear);
    };
    const observer = new ResizeObserver(() => following.current && toEnd());
    observer.observe(content.current);
    observer.observe(box);
    box.addEventListener('scroll', scrolled, { passive: true });
    return () => {
      observer.disconnect();
      box.removeEventListener('scroll', scrolled);
    };
  }, [toEnd]);

  return { container, content, atEnd, follow };
}
