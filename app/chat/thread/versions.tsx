import { Link } from '@remix-run/react';
import { useRef } from 'react';
import { useBrowserLayoutEffect } from '~/hooks/use-browser-layout-effect.ts';
import { Icon } from '~/ui/icon.tsx';
import { fill, useWords } from '~/words/words.ts';

/**
 * The last click on an arrow of {@link Versions}. When the version `to` is shown, the arrow in the same direction gets the focus, and
 * the page is scrolled so that this arrow is at the same height in the window as the clicked one was.
 */
let step: { to: string; direction: Direction; top: number } | null = null;

type Direction = 'left' | 'right';

/** ‹2/3›: links to the previous and the next version of a message. `ids`: the ids of all versions, oldest first, joined by spaces. */
export function Versions({ ids, current, chatId }: { ids: string; current: string; chatId: string }) {
  const { thread } = useWords();
  const group = useRef<HTMLSpanElement>(null);
  const versions = ids.split(' ');
  const index = versions.indexOf(current);
  useBrowserLayoutEffect(() => {
    const { current: element } = group;
    if (!element || step?.to !== current) return;
    const { direction, top } = step;
    step = null;
    const box = element.closest('.thread-scroll');
    if (box) box.scrollTop += element.getBoundingClientRect().top - top;
    const same = element.querySelector<HTMLElement>(`a[data-direction="${direction}"]`);
    (same ?? element.querySelector<HTMLElement>('a'))?.focus({ preventScroll: true });
  }, [current]);

  if (versions.length < 2 || index === -1) return null;
  const numbers = { number: index + 1, count: versions.length };
  const stepTo = (to: string | undefined, direction: Direction, label: string) => {
    if (to === undefined) {
      return (
        <span className="icon-button opacity-30" aria-hidden="true">
          <Icon name={direction} className="directed" />
        </span>
      );
    }
    return (
      <Link
        to={`/chat/${chatId}?leaf=${to}`}
        className="icon-button"
        aria-label={label}
        title={label}
        data-direction={direction}
        preventScrollReset
        onClick={() => (step = { to, direction, top: group.current?.getBoundingClientRect().top ?? 0 })}
      >
        <Icon name={direction} className="directed" />
      </Link>
    );
  };
  return (
    <span ref={group} className="flex items-center" role="group" aria-label={thread.versions}>
      {stepTo(versions[index - 1], 'left', thread.olderVersion)}
      <span className="tabular-nums" aria-label={fill(thread.version, numbers)}>
        {index + 1}/{versions.length}
      </span>
      {stepTo(versions[index + 1], 'right', thread.newerVersion)}
    </span>
  );
}
