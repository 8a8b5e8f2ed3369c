import { useEffect, useState } from 'react';
import { useLayout } from '~/layout/layout-data.tsx';
import { browserStorage } from '~/ui/browser-storage.ts';

const keyOf = (userId: string, shareId: string): string => `rejoin:share:${userId}:${shareId}`;

/**
 * The address of a public page that was made in this browser; `null` if this browser does not have it. The server cannot tell,
 * because it stores only a digest of the address. `made`: the address, if the page was just made.
 */
export function useKeptAddress(shareId: string, made?: string): string | null {
  const { userId } = useLayout();
  const [address, setAddress] = useState<string | null>(null);
  useEffect(() => {
    const key = keyOf(userId, shareId);
    if (made !== undefined) browserStorage.write(key, made);
    setAddress(browserStorage.read(key));
  }, [userId, shareId, made]);
  return address;
}
