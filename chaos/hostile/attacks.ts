import http from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { newId, startBody } from '../../testing/caller.ts';
import { postEndlessly } from '../../testing/endless-post.ts';

export interface Target {
  url: string;
  signal: AbortSignal;
  note: (attack: string, status: number | string) => void;
}
type Attack = (target: Target, round: number) => Promise<void>;

const MIB = 1024 * 1024;
const PAUSE_MS = 20;
const PATHS = [
  '/',
  '/?index',
  '/settings',
  '/admin',
  '/api/stream/start',
  '/api/stream',
  '/api/chat',
  '/api/stream/cleanup',
  '/api/stream/cancel/s1',
  '/plain',
  '/healthz',
];
const pick = <Item>(items: readonly Item[], round: number): Item => items[round % items.length]!;
const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

/** Texts that take a careless markdown parser a long time. */
const MARKDOWN = [
  '> ',
  '- ',
  '*a **b ',
  '_a ',
  '!',
  '![',
  '[a](',
  '`',
  '|a|\n|-|\n',
  '  \n',
  '<b',
  '&',
  '\\',
  '$',
  '~~~\n',
  '# ',
].map((piece) => piece.repeat(Math.ceil(30_000 / piece.length)));

async function ask(target: Target, attack: string, path: string, init: RequestInit = {}): Promise<Response | null> {
  try {
    const signal = AbortSignal.any([target.signal, AbortSignal.timeout(20_000)]);
    const response = await fetch(target.url + path, { redirect: 'manual', ...init, signal });
    target.note(attack, response.status);
    return response;
  } catch {
    if (!target.signal.aborted) target.note(attack, 'cut');
    return null;
  }
}
const drain = async (response: Response | null) => void (await response?.text().catch(() => ''));

/** The request headers of a guest's browser that has opened the page. */
async function becomeGuest(target: Target): Promise<Record<string, string>> {
  const page = await ask(target, 'first visits', '/');
  await drain(page);
  const cookie = (page?.headers.getSetCookie() ?? []).map((set) => set.split(';')[0]).join('; ');
  return { cookie, origin: target.url };
}

const endlessBodies: Attack = async (target, round) => {
  const length: Record<string, string> = round % 2 === 0 ? {} : { 'content-length': String(1024 * MIB) };
  const type = pick(
    ['application/json', 'multipart/form-data; boundary=x', 'application/x-www-form-urlencoded'],
    round,
  );
  const url = target.url + pick(PATHS, round);
  const { status } = await postEndlessly({ url, headers: { 'content-type': type, ...length }, limitBytes: 64 * MIB });
  target.note('endless bodies', status ?? 'cut');
};

const deepBodies: Attack = async (target, round) => {
  const bodies = [
    deep(500_000),
    `{"messages":${deep(2500)}}`,
    '{"a":'.repeat(3000),
    '"\\'.repeat(1000),
    '\u0000',
    `[${'{},'.repeat(200_000)}{}]`,
  ];
  const body = pick(bodies, round);
  await drain(await ask(target, 'deep bodies', pick(PATHS.slice(4, 8), round), { method: 'POST', body }));
};

const manyStarts: Attack = async (target, round) => {
  const text = pick(['x'.repeat(900_000), 'short'], round);
  const body = JSON.stringify(startBody({ modelId: 'synthetic/1000x100@50', text }));
  await drain(await ask(target, 'many starts', '/api/stream/start', { method: 'POST', body }));
};

const hostileText: Attack = async (target, round) => {
  const headers = await becomeGuest(target);
  const text = pick(MARKDOWN, round);
  const chatId = newId('hostile');
  const messages = [
    { id: 'q1', role: 'user', parts: [{ type: 'text', text: 'Hello' }] },
    {
      id: 'a1',
      role: 'assistant',
      parts: [{ type: 'text', text: `${text}<script>alert(1)</script>` }],
      metadata: { ['__proto__']: 1 },
    },
    { id: 'q2', role: 'user', parts: [{ type: 'text', text }] },
  ];
  const body = JSON.stringify({ ...startBody({ modelId: 'synthetic/2x20@0', chatId }), messages });
  await drain(await ask(target, 'hostile text', '/api/stream/start', { method: 'POST', headers, body }));
  for (const path of [`/chat/${chatId}`, `/chat/${chatId}/export`, `/chat/${chatId}.data`]) {
    await drain(await ask(target, 'hostile text', path, { headers }));
  }
};

const strayAddresses: Attack = async (target, round) => {
  const ids = ['s1', '..%2f..%2fadmin', 'a'.repeat(4000), '%00', '__proto__', newId('made-up')];
  const id = pick(ids, round);
  const forms = [
    `/api/stream/resume/${id}.data`,
    `/chat/x/live/${id}`,
    `/?_data=routes/${id}`,
    `/API/stream/status/${id}/`,
    `/__manifest?p=${'/a'.repeat(2000)}&version=x`,
  ];
  const headers: Record<string, string>[] = [
    { 'last-event-id': '1-1'.repeat(500) },
    { via: '1.1 x' },
    { 'x-forwarded-for': '203.0.113.1' },
    { authorization: `Bearer ${'a.'.repeat(500)}` },
    { cookie: `rejoin_guest=${'%7B'.repeat(500)}; theme=${'x'.repeat(500)}` },
  ];
  await drain(
    await ask(target, 'stray addresses', pick(forms, round), { headers: pick(headers, round + Math.floor(round / 5)) }),
  );
};

/** Connections that send one byte per second. In even rounds the bytes belong to the head of a request, in odd rounds to its body. */
const slowConnections: Attack = async (target, round) => {
  const { port } = new URL(target.url);
  const head =
    'POST /api/stream/start HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 900000\r\n';
  const sockets = Array.from({ length: 20 }, () => {
    const socket = connect(Number(port), '127.0.0.1').on('error', () => {});
    socket.write(round % 2 === 0 ? head : `${head}\r\n`);
    return socket;
  });
  for (let second = 0; second < 5 && !target.signal.aborted; second++) {
    for (const socket of sockets) if (socket.writable) socket.write('x');
    await sleep(1000, undefined, { signal: target.signal }).catch(() => {});
  }
  for (const socket of sockets) socket.destroy();
  target.note('slow connections', 'left');
};

/** Readers that request a whole answer and never read from their connections. */
const idleReaders: Attack = async (target) => {
  const headers = await becomeGuest(target);
  const body = JSON.stringify(startBody({ modelId: 'synthetic/2000x1000@0' }));
  const started = await ask(target, 'idle readers', '/api/stream/start', { method: 'POST', headers, body });
  const { streamId } = ((await started?.json().catch(() => null)) ?? {}) as { streamId?: string };
  if (!streamId) return;
  const requests = Array.from({ length: 20 }, () =>
    http
      .get(
        `${target.url}/api/stream/resume/${streamId}`,
        { headers, agent: false },
        (response) => void response.on('error', () => {}).pause(),
      )
      .on('error', () => {}),
  );
  await sleep(3000, undefined, { signal: target.signal }).catch(() => {});
  for (const request of requests) request.destroy();
  target.note('idle readers', 'left');
};

const ATTACKS: Attack[] = [
  endlessBodies,
  deepBodies,
  manyStarts,
  hostileText,
  strayAddresses,
  slowConnections,
  idleReaders,
];

/** A hostile client that makes all attacks at the same time, and repeats each of them until the signal aborts. */
export async function attack(target: Target): Promise<void> {
  await Promise.all(
    ATTACKS.map(async (run) => {
      for (let round = 0; !target.signal.aborted; round++) {
        await run(target, round);
        await sleep(PAUSE_MS);
      }
    }),
  );
}
