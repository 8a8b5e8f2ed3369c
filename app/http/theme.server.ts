export type Theme = 'light' | 'dark' | 'system';

/** The theme in the cookie `theme`. `system`: the theme of the operating system. */
export function themeOf(request: Request): Theme {
  const chosen = /(?:^|;\s*)theme=(light|dark)(?:;|$)/.exec(request.headers.get('cookie') ?? '')?.[1];
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}
