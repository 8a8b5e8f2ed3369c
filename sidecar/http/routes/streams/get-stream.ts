import { streamStateSchema } from '../../../../shared/stream/stream.ts';
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
  async handle({ params: { streamId }, caller }, { access, manager, oneActive }) {
    if (!caller.isAdmin) return manager.state(caller.userId, streamId);
    const active = await oneActive(streamId);
    if (active !== null) return active;
    const { ownerId } = await access.stream(caller, streamId);
    return { ...(await manager.state(ownerId, streamId)), userId: ownerId };
  },
});
