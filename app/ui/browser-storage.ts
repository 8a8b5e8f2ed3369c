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
  };
}

function safely<T>(access: () => T): T | null {
  try {
    return access();
  } catch {
    // The storage is full, or a private window or a policy forbids it. Nothing is remembered, and everything else works.
    return null;
  }
}
