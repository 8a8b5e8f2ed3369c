import { Link } from '@remix-run/react';
import { useEffect, useRef } from 'react';
import { useWords } from '~/words/words.ts';

interface OlderButtonProps {
  chatId: string;
  before: string;
  loading: boolean;
  onLoad: () => void;
}

/**
 * Loads older messages when the reader scrolls near the beginning. Without JavaScript, a link to a page with these messages is
 * shown instead of the button.
 */
export function OlderButton({ chatId, before, loading, onLoad }: OlderButtonProps) {
  const { thread } = useWords();
  const button = useRef<HTMLButtonElement>(null);
  const latest = useRef(onLoad);
  latest.current = onLoad;
  // A new observer immediately reports whether the button is visible. So a new observer is made after each page of messages (when
  // `before` changes), and loading goes on while the button stays visible. If each render made an observer, a failed request would
  // be repeated without a pause.
  useEffect(() => {
    const { current } = button;
    if (!current) return;
    const root = current.closest('.thread-scroll');
    const observer = new IntersectionObserver(
      (entries) => entries.some((entry) => entry.isIntersecting) && latest.current(),
      {
        root,
        rootMargin: '400px 0px 0px',
      },
    );
    observer.observe(current);
    return () => observer.disconnect();
  }, [before]);
  return (
    <p className="flex justify-center pb-2">
      <button ref={button} type="button" className="button needs-script" aria-busy={loading} onClick={onLoad}>
        {thread.older}
      </button>
      <Link className="button without-script" to={`/chat/${chatId}?before=${encodeURIComponent(before)}`}>
        {thread.older}
      </Link>
    </p>
  );
}
