/** What a browser remembers of this app. One that is missing, full or forbidden is as good as an empty one. */
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
