import { useEffect, useState } from 'react';
import { useLayout } from '~/layout/layout-data.tsx';
import { browserStorage } from '~/ui/browser/browser-storage.ts';

const keyOf = (userId: string, shareId: string): string => `rejoin:share:${userId}:${shareId}`;

/**
 * The address of a public page that was made in this browser; `null` if this browser has not stored the address. The server cannot
 * send the address, because the server stores only a digest of it. `made`: the address of a page that was just made. The hook stores
 * this address.
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
