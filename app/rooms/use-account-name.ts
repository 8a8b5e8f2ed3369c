import { useEffect, type RefObject } from 'react';

const EVERY_MS = 250;
/** How long to wait for Clerk's script. */
const WITHIN_MS = 10_000;

/**
 * Fills an empty field with the name of the person's Clerk account. The server knows this name only if the session token
 * contains it. Clerk's script always knows the name, but is often loaded later than this page. If the person types into the field
 * meanwhile, the field is not filled.
 */
export function useAccountName(field: RefObject<HTMLInputElement>): void {
  useEffect(() => {
    const { current } = field;
    if (!current || current.value !== '') return;
    const until = Date.now() + WITHIN_MS;
    const timer = setInterval(fill, EVERY_MS);
    const stop = () => clearInterval(timer);
    function fill(): void {
      const { Clerk } = window as { Clerk?: { user?: { fullName?: string | null } | null } };
      const name = Clerk?.user?.fullName;
      if (current && name) current.value = name;
      if (name || Date.now() > until) stop();
    }
    current.addEventListener('input', stop);
    return () => {
      stop();
      current.removeEventListener('input', stop);
    };
  }, [field]);
}
