import { createHash } from 'node:crypto';
import type { StoredShare } from '../store/shares/share-store.ts';

/** A short digest of a text: 22 characters that are safe in a URL. */
export const digestOf = (text: string): string => createHash('sha256').update(text).digest('base64url').slice(0, 22);

/**
 * A digest of the choices of a page's owner: path, title and options. If it differs from the one with which a reader loaded a
 * live page, the reader must load the page again.
 */
export const settingsOf = ({ leaf, title, shows }: Pick<StoredShare, 'leaf' | 'title' | 'shows'>): string =>
  digestOf(JSON.stringify([leaf, title, shows]));
