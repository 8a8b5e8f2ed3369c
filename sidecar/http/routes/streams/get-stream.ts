import { streamStateSchema } from '../../../../shared/stream/stream.ts';
import { actForOwner } from '../../act-for-owner.ts';
import { endpoint } from '../../endpoint.ts';
import { streamParams } from '../../parameters.ts';

export const getStream = endpoint({
  method: 'GET',
  path: '/streams/:streamId',
  operationId: 'getStream',
  summary: 'Get the state of a stream',
  tag: 'streams',
  params: streamParams,
  answers: { 200: { description: 'Its state', schema: streamStateSchema } },
  async handle({ params: { streamId }, caller }, { manager, oneActive }) {
    if (!caller.isAdmin) return manager.state(caller.userId, streamId);
    const active = await oneActive(streamId);
    if (active !== null) return active;
    const { userId } = await actForOwner(caller, { streamId, manager });
    return { ...(await manager.state(userId, streamId)), userId };
  },
});
