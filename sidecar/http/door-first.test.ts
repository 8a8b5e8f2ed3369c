import { expect, test, vi } from 'vitest';
import { ENDPOINTS } from './endpoints.ts';

/** Endpoints that name a chat or a stream, in their path or in their body. */
const NAMED = ENDPOINTS.filter(
  ({ method, path }) => /:(chat|stream)Id/.test(path) || `${method} ${path}` === 'POST /streams',
);
/** Services that an endpoint may use before it calls `access`, because these services reach no chat and no stream. */
const HARMLESS: Record<string, unknown> = { readerLimit: { enter: () => () => {} } };

/** A service that fails the test when anything in it is used. */
const untouchable = (name: string): unknown => {
  const use = () => {
    throw new Error(`"${name}" was used before access was checked`);
  };
  return new Proxy(() => {}, { get: use, apply: use });
};

test.each(NAMED.map((endpoint) => ({ name: `${endpoint.method} ${endpoint.path}`, endpoint })))(
  '$name checks access before it does anything else',
  async ({ endpoint }) => {
    const stopped = new Error('stopped at the door');
    const stop = vi.fn((_actor: unknown, _ref: unknown): Promise<never> => Promise.reject(stopped));
    const services = new Proxy(
      {},
      {
        get: (_target, name: string) =>
          name === 'access' ? { chat: stop, stream: stop } : (HARMLESS[name] ?? untouchable(name)),
      },
    );
    const caller = { userId: 'user_1', isAdmin: false, address: null };
    const named = { chatId: 'chat-1', streamId: 'stream-1' };
    const call = {
      params: { ...named, messageId: 'm1', userId: 'user_2', inviteId: 'i1' },
      query: {},
      headers: {},
      body: { chatId: endpoint.path === '/streams' ? 'chat-1' : undefined },
      caller,
      request: { id: 'r1', headers: {} },
      reply: untouchable('reply'),
    };
    await expect((async () => endpoint.handle(call as never, services as never))()).rejects.toBe(stopped);
    expect(stop).toHaveBeenCalledOnce();
    expect(stop.mock.calls[0]!.slice(0, 2)).toEqual([
      caller,
      endpoint.path.includes(':streamId') ? 'stream-1' : 'chat-1',
    ]);
  },
);

test('there are endpoints to check', () => {
  expect(NAMED.length).toBeGreaterThan(20);
});
