import { streamStateSchema } from '../../../../shared/stream/stream.ts';
import { named } from '../../../access/shown.ts';
import { endpoint } from '../../endpoint.ts';
import { streamParams } from '../../parameters.ts';

export const getStream = endpoint({
  method: 'GET',
  path: '/streams/:streamId',
  operationId: 'getStream',
  summary: 'Get the state of a stream',
  tag: 'streams',
  params: streamParams,
  answers: { 200: { description: 'The state of the stream', schema: streamStateSchema } },
  async handle({ params: { streamId }, caller }, { access, manager, oneActive }) {
    const active = caller.isAdmin ? await oneActive(streamId) : null;
    if (active !== null) return active;
    return access.stream(caller, streamId, 'viewer', async ({ ownerId, chat }) => {
      const state = await manager.state(ownerId, streamId);
      if (caller.isAdmin) return { ...state, userId: ownerId };
      return chat === null ? state : named(chat, state);
    });
  },
});
