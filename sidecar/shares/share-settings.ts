import { createHash } from 'node:crypto';
import type { StoredShare } from '../store/shares/share-store.ts';

export const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);

/** Changes with each change of what the owner has chosen for a page. Whoever follows a live page must then load it again. */
export const settingsOf = ({ leaf, title, shows }: Pick<StoredShare, 'leaf' | 'title' | 'shows'>): string =>
  digestOf(JSON.stringify([leaf, title, shows]));
