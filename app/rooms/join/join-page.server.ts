import { data, type ActionFunctionArgs, type LoaderFunctionArgs } from '@remix-run/node';
import { ERRORS, RejoinError } from '../../../shared/errors.ts';
import { parseRequest } from '../../../shared/parse-request.ts';
import { nameSchema, roomRef, type Invitation } from '../../../shared/chat/rooms.ts';
import { z } from 'zod';
import { saysInvalid } from '~/http/forms/invalid-form.server.ts';
import { pageAction, pageLoader } from '~/http/page-request.server.ts';
import { wordsFor } from '~/words/words.server.ts';
import { joinRoom, lookAtInvite } from '~/rooms/rooms.server.ts';
import { knownName, nameCookie } from '~/rooms/person-name.server.ts';

/** `invitation`: `null` if the invite has expired, was revoked or is used up. */
export interface JoinData {
  invitation:
    | (Omit<Invitation, 'joined'> & {
        /** `~<roomId>` if the person is already in the room, otherwise `null`. */ room: string | null;
      })
    | null;
  name: string;
}

const headers = { 'x-robots-tag': 'noindex, nofollow' };

/** Changes nothing, because link previews and prefetches request this page, too. */
export function joinLoader(args: LoaderFunctionArgs) {
  return pageLoader(args, async (user) => {
    const name = knownName(args.request, user) ?? '';
    try {
      const { joined, ...invitation } = await lookAtInvite(user, args.params.token ?? '');
      const room = joined === null ? null : roomRef(joined);
      return data<JoinData>({ invitation: { ...invitation, room }, name }, { headers });
    } catch (error) {
      if (!(error instanceof RejoinError) || error.code !== 'invite_over') throw error;
      return data<JoinData>({ invitation: null, name }, { status: ERRORS.invite_over.status, headers });
    }
  });
}

const joinFormSchema = z.object({ name: nameSchema });

export function joinAction(args: ActionFunctionArgs) {
  return pageAction(args, async ({ user, form, done }) => {
    const { name } = await saysInvalid(wordsFor(args.request).people.nameWrong, () =>
      parseRequest(joinFormSchema, { name: form.get('name') ?? '' }),
    );
    const { roomId } = await joinRoom(user, args.params.token ?? '', name);
    const response = done(`/chat/${roomRef(roomId)}`);
    response.headers.append('set-cookie', nameCookie(name));
    return response;
  });
}
