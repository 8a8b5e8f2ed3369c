import { createHash, timingSafeEqual } from 'node:crypto';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { log } from '~/process/log.server.ts';
import { adminLinkFile } from '../../shared/admin-link.ts';

/** The guest who became the administrator by the link that `npm start` prints. */
export interface FirstGuest {
  is(userId: string): boolean;
  /** Makes this guest the administrator, in place of an earlier one. False: the link is not valid, or was used. */
  claim(token: string, userId: string): boolean;
}

/**
 * `file`: holds who it is, for all processes and over a restart. Beside it the launcher writes what the link of this
 * start must say; using the link takes that away.
 */
export function createFirstGuest({ file }: { file: string }): FirstGuest {
  const linkFile = adminLinkFile(file);
  return {
    is: (userId) => userId !== '' && textIn(file) === userId,
    claim(token, userId) {
      if (!isSame(createHash('sha256').update(token).digest('hex'), textIn(linkFile))) return false;
      try {
        // Of several requests that bring the link at once, one can take the file away.
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
    return ''; // nobody, or no link, yet
  }
}

const isSame = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other));
