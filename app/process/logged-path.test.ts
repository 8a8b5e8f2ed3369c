import { expect, test } from 'vitest';
import { loggedPath } from './logged-path.server.ts';

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
  ['/join/secret', '/join/…'],
  ['/join/secret.data?x', '/join/…'],
  ['/api/chats/~abc/members/secret', '/api/chats/~abc/members/…'],
  ['/chat/~abc/people', '/chat/~abc/people'],
  ['/api/secret', '/api/…'],
  ['/a'.repeat(50), '/…/…/…/…/…/…/…/…'],
])('%s is logged as %s', (url, logged) => {
  expect(loggedPath(url)).toBe(logged);
});
