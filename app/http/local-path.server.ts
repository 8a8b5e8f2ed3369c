/**
 * A path of this app as it came from outside (a form, an address); `/` for anything that leads elsewhere. Browsers
 * read `//host` and `/\host` as another site.
 */
export const localPath = (path: unknown): string =>
  typeof path === 'string' && /^\/(?![/\\])[\x21-\x7e]*$/.test(path) ? path : '/';
