/**
 * Returns a path from outside (a form, a URL) if it leads to this app, otherwise `/`. Browsers read `//host` and `/\host` as
 * another site.
 */
export const localPath = (path: unknown): string =>
  typeof path === 'string' && /^\/(?![/\\])[\x21-\x7e]*$/.test(path) ? path : '/';
