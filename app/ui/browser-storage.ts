/** The browser's storage for this app. If it is missing, full or forbidden, it behaves as if it were empty. */
export const browserStorage = {
  read: (key: string): string | null => safely(() => localStorage.getItem(key)),
  write(key: string, value: string): void {
    safely(() => (value === '' ? localStorage.removeItem(key) : localStorage.setItem(key, value)));
  },
};

function safely<T>(access: () => T): T | null {
  try {
    return access();
  } catch {
    // Private windows, full disks and policies: nothing is remembered then, and everything else works.
    return null;
  }
}
