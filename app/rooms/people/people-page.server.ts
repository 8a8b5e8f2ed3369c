import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import {
  inviteRequestSchema,
  memberPatchSchema,
  type Invite,
  type Member,
  type MemberPatch,
  type Role,
  type Room,
} from '../../../shared/chat/rooms.ts';
import { parseRequest } from '../../../shared/parse-request.ts';
import { RejoinError } from '../../../shared/errors.ts';
import type { User } from '~/auth/auth.server.ts';
import { pageAction, pageLoader } from '~/http/page-request.server.ts';
import { saysInvalid } from '~/http/forms/invalid-form.server.ts';
import { publicAddress } from '~/http/public-address.server.ts';
import { config } from '~/process/config.server.ts';
import { getChat, patchChat } from '~/sidecar-client/sidecar.server.ts';
import { newId } from '~/ui/new-id.ts';
import { wordsFor } from '~/words/words.server.ts';
import { knownName, nameCookie } from '~/rooms/person-name.server.ts';
import {
  changeMember,
  listInvites,
  listMembers,
  makeInvite,
  removeMember,
  revokeInvites,
} from '~/rooms/rooms.server.ts';

export interface PeopleData {
  chatId: string;
  title: string;
  /** `null`: nobody was ever invited. */
  room: Room | null;
  /** The role of the person who opened the page. */
  role: Role;
  /** The user id of the person who opened the page. The person's entry in `members` has the same id. */
  self: string;
  members: Member[];
  /** Empty if the person is not the owner. */
  invites: Invite[];
  /** How many messages an invited person will see. */
  messageCount: number;
  /** The id of the newest message, at which the chat can be forked. `null`: the chat has no messages. */
  leafId: string | null;
  /** What the field for the owner's name suggests. `null`: the chat already has the owner's name, so there is no field. */
  askedName: string | null;
  /** A random value in the form that makes a fork, so that a form that is sent twice makes one fork. */
  fresh: string;
}

/** The response to a form that does not lead to another page. */
export interface PeopleResult {
  /** The invite that was made, with its URL. */
  invited?: { inviteId: string; url: string };
  saved?: true;
}

export function peopleLoader(args: LoaderFunctionArgs): Promise<PeopleData> {
  return pageLoader(args, async (user) => {
    const ref = args.params.chatId ?? '';
    const [chat, members] = await Promise.all([getChat(user, ref, { limit: 1 }), listMembers(user, ref)]);
    const { room } = chat;
    const role = room?.role ?? 'owner';
    const self = room?.userId ?? user.userId;
    const isNamed = members.some(({ userId, name }) => userId === self && name !== '');
    return {
      chatId: chat.chatId,
      title: chat.title,
      room,
      role,
      self,
      members,
      invites: role === 'owner' ? await listInvites(user, ref) : [],
      messageCount: chat.messageCount,
      leafId: chat.messages.at(-1)?.id ?? null,
      askedName: isNamed && room !== null ? null : (knownName(args.request, user) ?? ''),
      fresh: newId(),
    };
  });
}

interface PeopleForm {
  /** Makes the fork that the form asks for, and returns the id of the new chat. */
  branch: (user: User, ref: string, form: FormData) => Promise<string>;
}

/**
 * Handles the forms of the page, and the same forms in the people dialog of a chat. A form in the dialog has the field `stay`, and
 * gets JSON instead of a redirect to this page.
 */
export function peopleAction(args: ActionFunctionArgs, { branch }: PeopleForm) {
  const { request, params } = args;
  const ref = params.chatId ?? '';
  const page = `/chat/${encodeURIComponent(ref)}/people`;
  const { people, common } = wordsFor(request);
  const sentences = new Map([
    ['invite', people.inviteWrong],
    ['name', people.nameWrong],
    // The page offers only roles that exist, so a refusal means that a guest cannot get this role.
    ['role', config().clerk ? people.guestsSignIn : people.guestsRead],
  ]);
  return pageAction(args, async ({ user, form, done }) => {
    const text = (name: string) => String(form.get(name) ?? '');
    const userId = text('userId');
    const saved = () => (form.has('stay') ? Response.json({ saved: true } satisfies PeopleResult) : done(page));
    const change = (patch: MemberPatch) =>
      changeMember(user, ref, { userId, ...parseRequest(memberPatchSchema, patch) });
    const intent = text('intent');
    return saysInvalid(sentences.get(intent) ?? common.invalidForm, async () => {
      switch (intent) {
        case 'invite': {
          const name = text('name').trim();
          const asked = parseRequest(inviteRequestSchema, {
            role: text('role'),
            expiresIn: Number(text('expiresIn')),
            maxUses: Number(text('maxUses')),
            ...(name === '' ? {} : { name }),
          });
          const { token, inviteId } = await makeInvite(user, ref, asked);
          const url = publicAddress(request, `/join/${token}`);
          const answer = Response.json({ invited: { inviteId, url } } satisfies PeopleResult);
          if (asked.name) answer.headers.append('set-cookie', nameCookie(asked.name));
          return answer;
        }
        case 'revoke':
          await revokeInvites(user, ref, text('inviteId'));
          return saved();
        case 'revoke-all':
          await revokeInvites(user, ref);
          return saved();
        case 'role':
          await change({ role: text('role') as 'viewer' | 'editor' });
          return saved();
        case 'name': {
          const { name } = await change({ name: text('name') });
          const answer = saved();
          answer.headers.append('set-cookie', nameCookie(name));
          return answer;
        }
        case 'viewers':
          await patchChat(user, ref, { viewersMayBranch: form.get('viewersMayBranch') === 'yes' });
          return saved();
        case 'remove':
          // The invites are revoked first, so that the person cannot join again in between.
          if (form.has('revokes')) await revokeInvites(user, ref);
          await removeMember(user, ref, userId);
          return saved();
        case 'leave':
          await removeMember(user, ref, userId);
          return done('/');
        case 'branch':
          return done(`/chat/${encodeURIComponent(await branch(user, ref, form))}/people`);
        default:
          throw new RejoinError('invalid_request', { detail: common.invalidForm });
      }
    });
  });
}
