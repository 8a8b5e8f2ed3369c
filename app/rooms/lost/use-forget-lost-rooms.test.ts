import { expect, test } from 'vitest';
import { roomsIn } from './use-forget-lost-rooms.ts';

test("a browser's rooms of one person are those of their drafts and streams, and no chats of their own", () => {
  const keys = ['rejoin:draft:u:~one', 'rejoin:stream:u:~one', 'rejoin:stream:u:~two', 'rejoin:draft:u:mine'];
  const others = ['rejoin:draft:v:~three', 'other:~four', 'rejoin:draft:u:new'];
  expect([...roomsIn([...keys, ...others], 'u')]).toEqual(['~one', '~two']);
});
