import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { log } from '~/process/log.server.ts';
import { adminLinkFile } from '../../shared/admin-link.ts';

/** The guest who became the administrator by the link that `npm start` prints. */
export interface FirstGuest {
  is(userId: string): boolean;
  /** Makes this guest the administrator, in place of an earlier one. Returns false if the link is not valid or was used before. */
  claim(token: string, userId: string): boolean;
}

/**
 * `file`: stores the guest's id, for all processes and across restarts. At each start, the launcher makes a link with a new
 * token, and stores the token's hash in a second file next to `file`. Using the link renames that second file.
 */
export function createFirstGuest({ file }: { file: string }): FirstGuest {
  const linkFile = adminLinkFile(file);
  return {
    is: (userId) => userId !== '' && textIn(file) === userId,
    claim(token, userId) {
      if (!isSame(createHash('sha256').update(token).digest('hex'), textIn(linkFile))) return false;
      try {
        // If several requests use the link at once, only one of them can rename the file.
        renameSync(linkFile, `${linkFile}.used`);
      } catch {
        return false;
      }
      writeFileSync(`${file}.new`, userId, { mode: 0o600 });
      renameSync(`${file}.new`, file);
      log.info({ event: 'admin.claimed', userId });
      return true;
    },
  };
}

function textIn(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim();
  } catch {
    return ''; // there is no administrator or no link yet
  }
}

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
