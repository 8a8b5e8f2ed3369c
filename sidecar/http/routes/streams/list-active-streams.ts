import { z } from 'zod';
import { RejoinError } from '../../../../shared/errors.ts';
import { activeAnswerSchema, MAX_ALL_ACTIVE } from '../../../../shared/stream/stream.ts';
import { roomIdIn } from '../../../../shared/chat/rooms.ts';
import type { Access } from '../../../access/access.ts';
import type { Caller } from '../../auth.ts';
import { endpoint } from '../../endpoint.ts';

const querySchema = z.object({
  all: z
    .enum(['0', '1'])
    .optional()
    .meta({
      description: `1: the active streams of all users, at most ${MAX_ALL_ACTIVE}. Each has its user, its number of readers and the process that writes it. Only for administrators.`,
      examples: ['1'],
    }),
});

export const listActiveStreams = endpoint({
  method: 'GET',
  path: '/streams',
  operationId: 'listActiveStreams',
  summary: "List the caller's active streams",
  tag: 'streams',
  query: querySchema,
  answers: { 200: { description: 'The states of the streams', schema: activeAnswerSchema } },
  errors: ['forbidden'],
  async handle({ query, caller }, { access, manager, allActive }) {
    if (query.all !== '1') {
      const streams = await manager.active(caller.userId);
      const mayRead = await Promise.all(streams.map(({ chatId }) => isOpen(access, caller, chatId)));
      return { streams: streams.filter((_stream, i) => mayRead[i]) };
    }
    if (!caller.isAdmin) throw new RejoinError('forbidden', { detail: 'Only administrators may use "all=1".' });
    return { streams: await allActive() };
  },
});

/** False for a room that the caller has left or was removed from. Its answers are hidden, even those that the caller started. */
async function isOpen(access: Access, caller: Caller, ref: string): Promise<boolean> {
  if (roomIdIn(ref) === null) return true;
  return access.chat(caller, ref, 'viewer').then(
    () => true,
    () => false,
  );
}
