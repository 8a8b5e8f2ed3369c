export type Theme = 'light' | 'dark' | 'system';

/** The theme that this browser was told to use, by the cookie `theme`; `system`: the one of its system. */
export function themeOf(request: Request): Theme {
  const chosen = /(?:^|;\s*)theme=(light|dark)(?:;|$)/.exec(request.headers.get('cookie') ?? '')?.[1];
  return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
}
