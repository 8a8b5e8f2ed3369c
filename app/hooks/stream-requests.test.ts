import { expect, test } from 'vitest';
import { postStart, requestCancel } from './stream-requests.ts';
import { fakeEnvironment, fakeServer } from './testing/fake-environment.ts';
import { recordLog } from './testing/recorded-log.ts';

const REQUEST = {
  chatId: 'c1',
  messageId: 'm1',
  modelId: 'demo',
  messages: [{ role: 'user' as const, content: 'Hi' }],
};
const away = () => new Response('', { status: 503 });
const signedOut = () => Response.json({ code: 'unauthorized' }, { status: 401 });

function serverThat(...responses: (Response | Error)[]) {
  const server = fakeServer(recordLog({ deltas: 2 }));
  server.answerNext(...responses);
  return { server, environment: fakeEnvironment(server.fetch) };
}

test('a start survives a session that expired during an outage, also at its last try', async () => {
  const outage = [new TypeError('Failed to fetch'), away(), away(), away()];
  const { server, environment } = serverThat(...outage, signedOut());
  const started = postStart(REQUEST, environment);
  await environment.advance(60_000);
  expect(await started).toEqual({ streamId: 's1' });
  expect([server.asked, environment.refreshes]).toEqual([['start'], 1]);
});

test('a cancel renews the session again if it expires again in the same outage', async () => {
  const { server, environment } = serverThat(signedOut(), away(), signedOut(), away(), signedOut());
  const cancelled = requestCancel('s1', environment);
  await environment.advance(60_000);
  expect(await cancelled).toMatchObject({ status: 'cancelled' });
  expect([server.asked, environment.refreshes]).toEqual([['cancel'], 3]);
});

test('a request that is refused with a fresh session fails, and an outage ends after the last try', async () => {
  const refused = serverThat(away(), signedOut(), signedOut());
  const first = expect(postStart(REQUEST, refused.environment)).rejects.toMatchObject({ code: 'unauthorized' });
  await refused.environment.advance(60_000);
  await first;
  expect(refused.environment.refreshes).toBe(1);
  const outage = serverThat(...Array.from({ length: 5 }, away));
  const second = expect(postStart(REQUEST, outage.environment)).rejects.toMatchObject({ code: 'overloaded' });
  await outage.environment.advance(60_000);
  await second;
  expect(outage.server.asked).toEqual([]);
});

test("a proxy's page that says the question is too long has the code for which pages have a sentence", async () => {
  const page = new Response('<h1>413 Request Entity Too Large</h1>', { status: 413 });
  await expect(postStart(REQUEST, serverThat(page).environment)).rejects.toMatchObject({ code: 'request_too_large' });
});
