/** Data that the browser stores for this app. A storage that is missing, full or forbidden counts as empty. */
export const browserStorage = storage(() => localStorage);
/** Data that one tab keeps across a reload. */
export const tabStorage = storage(() => sessionStorage);

function storage(open: () => Storage) {
  return {
    read: (key: string): string | null => safely(() => open().getItem(key)),
    write(key: string, value: string): void {
      safely(() => (value === '' ? open().removeItem(key) : open().setItem(key, value)));
    },
    keys: (): string[] => safely(() => Object.keys(open())) ?? [],
    /** Removes every entry for which `isMeant` is true. */
    forget(isMeant: (key: string, value: string) => boolean): void {
      safely(() => {
        const area = open();
        const meant = Object.keys(area).filter((key) => isMeant(key, area.getItem(key) ?? ''));
        for (const key of meant) area.removeItem(key);
      });
    },
  };
}

function safely<T>(access: () => T): T | null {
  // The server has no storage. Node prints a warning when `localStorage` is used.
  if (typeof document === 'undefined') return null;
  try {
    return access();
  } catch {
    // The storage is full, or a private window or a policy forbids it. Nothing is remembered, and everything else works.
    return null;
  }
}
