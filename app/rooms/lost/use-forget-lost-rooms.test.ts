import { expect, test } from 'vitest';
import { roomsIn } from './use-forget-lost-rooms.ts';

test("finds a person's rooms by the stored drafts and streams, and leaves out the person's own chats", () => {
  const keys = [
    'rejoin:draft:u:~one',
    'rejoin:stream:u:~one',
    'rejoin:stream:u:~two',
    'rejoin:edits:u:~three',
    'rejoin:draft:u:mine',
  ];
  const others = ['rejoin:draft:v:~four', 'other:~four', 'other:draft:u:~four', 'rejoin:draft:u:new'];
  expect([...roomsIn([...keys, ...others], 'u')]).toEqual(['~one', '~two', '~three']);
});
