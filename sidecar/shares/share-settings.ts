import { createHash } from 'node:crypto';
import type { StoredShare } from '../store/shares/share-store.ts';

/** A short digest of a text: 22 characters that are safe in a URL. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);

/**
 * A digest of what the owner of a page has chosen: the page's path, title and options. When this digest changes, the readers of a
 * live page must load the page again.
 */
export const settingsOf = ({ leaf, title, shows }: Pick<StoredShare, 'leaf' | 'title' | 'shows'>): string =>
  digestOf(JSON.stringify([leaf, title, shows]));
