import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { log } from '~/process/log.server.ts';

/** Who tries the app out on their own machine, and so may look at everything in it. */
export interface FirstGuest {
  /** Whether it is this guest; the first that is asked about is it. */
  isFirst(userId: string): boolean;
}

/** `file`: remembers who it is over a stop, and for several processes; `null`: nobody but this process does. */
export function createFirstGuest({ file }: { file: string | null }): FirstGuest {
  let first: string | null = null;
  return {
    isFirst(userId) {
      first ??= file === null ? userId : firstIn(file, userId);
      return first === userId;
    },
  };
}

/** Who stands in the file; `userId` now does where nobody did. `null` while another process is writing it. */
function firstIn(file: string, userId: string): string | null {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, userId, { flag: 'wx', mode: 0o600 });
    return userId;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return readFileSync(file, 'utf8').trim() || null;
    log.warn({ event: 'first-guest.unsaved', file, error, note: 'Set FIRST_GUEST_FILE or ADMIN_USER_IDS.' });
    return userId;
  }
}
