import { ERRORS } from '../../../shared/errors.ts';
import { createCaller, newId, type Caller } from '../../../testing/caller.ts';
import type { ShareAnswer, SharedPage } from '../../../shared/chat/shares.ts';
import type { InviteAnswer, JoinAnswer, MemberRole } from '../../../shared/chat/rooms.ts';

/** The kinds of people in the table of `who-may.test.ts`. */
export const IDENTITIES = [
  'owner',
  'editor',
  'viewer',
  'guest',
  'former',
  'outsider',
  'administrator',
  'nobody',
] as const;
export type Identity = (typeof IDENTITIES)[number];

export const QUICK = 'synthetic/1x20@0';
const SILENT = 'synthetic/3x20@0?startDelayMs=600000';

/** The body of a start in this chat. The start waits if an answer is being written. */
export const question = (chatId: string) => ({
  chatId,
  messageId: newId('m'),
  modelId: QUICK,
  messages: [{ role: 'user', content: 'And now?' }],
  whenBusy: 'queue',
});

/** The response for everything that a person may not see. */
export const NOT_FOUND = JSON.stringify({
  type: 'urn:rejoin:error:not_found',
  title: ERRORS.not_found.title,
  status: 404,
  code: 'not_found',
});

/** A new room with everything that a request can name: people, streams, invites and a public page. The people are new, too. */
export interface OpenRoom {
  callers: Record<Exclude<Identity, 'nobody'>, Caller>;
  /** How the owner names the chat. */
  chatId: string;
  /** How members name the chat: `~<roomId>`. */
  ref: string;
  roomId: string;
  /** Stream ids: the first answer is complete, the second is being written, the third waits. The owner asked for all three. */
  ended: string;
  active: string;
  queued: string;
  inviteId: string;
  /** The token of an invite that can be used. */
  token: string;
  share: { shareId: string; secret: string; tag: string };
  /** The chat, its messages, members, invites and streams, as the owner gets them. Two snapshots are equal if nothing has changed. */
  snapshot(): Promise<unknown>;
}

export async function openRoom(sidecar: { url: string }): Promise<OpenRoom> {
  const address = newId('address').padEnd(32, 'x');
  const [owner, editor, viewer, guest, former, outsider, administrator] = await Promise.all([
    createCaller(sidecar),
    createCaller(sidecar),
    createCaller(sidecar),
    createCaller(sidecar, { userId: newId('guest'), address }),
    createCaller(sidecar),
    createCaller(sidecar),
    createCaller(sidecar, { isAdmin: true }),
  ]);
  const callers = { owner, editor, viewer, guest, former, outsider, administrator };
  const chatId = newId('chat');
  const ended = await owner.startStream({ chatId, messageId: 'a1', modelId: QUICK });
  await owner.untilEnded(ended);
  const active = await owner.startStream({ chatId, messageId: 'a2', modelId: SILENT });
  const waiting = await owner.start({ chatId, messageId: 'a3', modelId: QUICK, whenBusy: 'queue' });
  const invite = async (role: MemberRole) =>
    (await must<InviteAnswer>(owner, 'POST', `/chats/${chatId}/invites`, { role, maxUses: 9, name: 'Ada' })).token;
  const [toEdit, toView] = [await invite('editor'), await invite('viewer')];
  for (const [who, token] of [
    [editor, toEdit],
    [guest, toEdit],
    [former, toEdit],
    [viewer, toView],
  ] as const)
    await must<JoinAnswer>(who, 'POST', '/joins', { token, name: 'Somebody' });
  const { inviteId, token, roomId } = await must<InviteAnswer>(owner, 'POST', `/chats/${chatId}/invites`, {
    maxUses: 9,
  });
  await must(owner, 'DELETE', `/chats/${chatId}/members/${former.userId}`);
  const { shareId, secret } = await must<ShareAnswer>(owner, 'POST', `/chats/${chatId}/shares`, {
    mode: 'live',
    copy: true,
  });
  const { tag } = await must<SharedPage>(owner, 'POST', '/shared', { secret });
  return {
    callers,
    chatId,
    share: { shareId, secret, tag },
    ref: `~${roomId}`,
    roomId,
    ended,
    active,
    queued: waiting.body.streamId,
    inviteId,
    token,
    async snapshot() {
      const paths = ['', '/messages', '/members', '/invites'].map((path) => `/chats/${chatId}${path}`);
      return Promise.all(
        [...paths, ...[ended, active, waiting.body.streamId].map((streamId) => `/streams/${streamId}`)].map(
          async (path) => (await owner.call('GET', path)).text.replace(/"lastActivity":"[^"]*"/g, ''),
        ),
      );
    },
  };
}

/** Calls an endpoint, and throws if the response is an error. */
export async function must<Body = unknown>(who: Caller, method: string, path: string, body?: unknown): Promise<Body> {
  const answer = await who.call<Body & object>(method, path, body === undefined ? {} : { body });
  if (answer.status >= 300) throw new Error(`${method} ${path} answered ${answer.status}: ${answer.text}`);
  return answer.body;
}

/** Sends most of the requests that an owner and a member can send in a room. The chat must have a message and no running answer. */
export async function useRoom(owner: Caller, chatId: string): Promise<void> {
  const member = await createCaller(owner);
  const invited = await must<InviteAnswer>(owner, 'POST', `/chats/${chatId}/invites`, { maxUses: 2, name: 'Ada' });
  const ref = `~${invited.roomId}`;
  const path = `/chats/${ref}/members/${member.userId}`;
  await must(member, 'POST', '/joins/look', { token: invited.token });
  await must(member, 'POST', '/joins', { token: invited.token, name: 'Grace' });
  await member.untilEnded(await member.startStream({ chatId: ref, modelId: 'synthetic/3x20@0' }));
  await member.cancel(await member.startStream({ chatId: ref, modelId: 'synthetic/9000x20@60' }));
  const messageId = (await member.chat(ref)).messages[0]!.id;
  await must(member, 'POST', `/chats/${ref}/forks`, { forkId: newId('fork'), messageId });
  await must(member, 'POST', `/chats/${ref}/say`, { messageId: newId('m'), text: 'By the way' });
  const feed = await fetch(`${member.url}/chats/${ref}/events`, {
    headers: { authorization: `Bearer ${member.token}` },
  });
  await must(member, 'POST', `/chats/${ref}/presence`, { tab: 'tab', typing: true });
  await feed.body?.cancel();
  await must(member, 'PATCH', path, { name: 'Grace H.' });
  await must(owner, 'GET', `/chats/${chatId}/members`);
  await must(owner, 'GET', `/chats/${chatId}/invites`);
  await must(member, 'GET', '/rooms');
  await must(owner, 'PATCH', path, { role: 'viewer' });
  await must(owner, 'DELETE', path);
  await must(owner, 'DELETE', `/chats/${chatId}/invites`);
}
