import { expect, test } from 'vitest';
import { loggedPath, withoutSecret } from './logged-path.server.ts';

test.each([
  ['/', '/'],
  ['/?q=secret', '/'],
  ['/chat/c-1_x/export?format=md', '/chat/c-1_x/export'],
  ['/chat/c1.data', '/chat/c1.data'],
  ['/api/stream/resume/s1?after=1ab-3', '/api/stream/resume/s1'],
  ['/settings.data', '/settings.data'],
  ['/search/secret', '/…/…'],
  ['/chat/a%20secret', '/chat/…'],
  ['/sign-in/secret', '/sign-in/…'],
  ['/api/secret', '/api/…'],
  ['/s/secret', '/s/…'],
  ['/s/secret.md?format=json', '/s/…'],
  ['/s/secret/copy', '/s/…/copy'],
  ['/s/secret.data', '/s/…'],
  ['/join/secret', '/join/…'],
  ['/join/secret.data?x', '/join/…'],
  ['/api/chats/~abc/members/secret', '/api/chats/~abc/members/…'],
  ['/chat/~abc/people', '/chat/~abc/people'],
  ['/api/shares/secret', '/api/shares/…'],
  ['/api/chats/c1/shares', '/api/chats/c1/shares'],
  ['/a'.repeat(50), '/…/…/…/…/…/…/…/…'],
])('%s is logged as %s', (url, logged) => {
  expect(loggedPath(url)).toBe(logged);
});

test.each([
  ['/s/secret', '/s/…'],
  ['/join/secret', '/join/…'],
  ['/api/shares/secret', '/api/shares/…'],
  ['/search', '/search'],
  ['/settings', '/settings'],
])('%s becomes %s in a log that this app does not write itself', (path, logged) => {
  expect(withoutSecret(path)).toBe(logged);
});
