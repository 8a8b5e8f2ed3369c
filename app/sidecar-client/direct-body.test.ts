import { expect, test, vi } from 'vitest';
import { log } from '~/process/log.server.ts';
import { serveApp } from '~/testing/serve-app.ts';
import { directBody } from './direct-body.server.ts';

test('an error in the middle of a response cuts the connection and is logged', async () => {
  const error = vi.spyOn(log, 'error').mockReturnValue();
  const bug = new Error('a bug');
  const body = () =>
    directBody(async (response) => {
      response.write('The beginning');
      throw bug;
    });
  const loader = () => new Response(body(), { headers: { 'content-type': 'text/plain' } });
  const app = await serveApp({ routes: async () => ({ chats: { loader } }), reply: () => {} });
  try {
    await expect(fetch(`${app.url}/chats`).then((response) => response.text())).rejects.toThrow();
    expect(error.mock.calls.flat()).toMatchObject([{ event: 'response.failed', path: '/chats', error: bug }]);
  } finally {
    await app.close();
  }
});
