import { readdirSync, readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { inRoot } from '../scripts/shared/paths.ts';
import { ERRORS, problemSchema } from '../shared/errors.ts';
import { parseEventId } from '../shared/stream/event-id.ts';
import { streamErrorSchema } from '../shared/stream/stream-errors.ts';
import { FIELDS } from '../sidecar/http/openapi/fields.ts';
import { REASONS } from '../sidecar/models/wire/failures/reasons.ts';
import * as keys from '../sidecar/store/redis/keys.ts';
import { createMemoryStreamStore } from '../sidecar/store/streams/memory-stream-store.ts';
import { createCaller, newId } from '../testing/caller.ts';
import { sampleStream } from '../testing/sample-stream.ts';
import { openTestBed, type TestBed } from '../testing/test-bed.ts';
import { framesIn } from '../testing/whole-log.ts';

const protocol = readFileSync(inRoot('PROTOCOL.md'), 'utf8');

/** The text of one numbered section, with its subsections: `section('12')`, `section('3.4')`. */
function section(number: string): string {
  const level = number.includes('.') ? 3 : 2;
  const heading = new RegExp(`^#{${level}} ${number.replace('.', '\\.')}\\.? .*$`, 'm').exec(protocol);
  if (!heading) throw new Error(`PROTOCOL.md has no section ${number}`);
  const from = heading.index + heading[0].length;
  const next = new RegExp(`^#{2,${level}} `, 'm').exec(protocol.slice(from));
  return protocol.slice(from, next ? from + next.index : undefined);
}

/** The rows of all tables in a text. A row is the list of its cells. The header of the first table is left out. */
const rows = (text: string): string[][] =>
  [...text.matchAll(/^\|(?!---)(.*)\|$/gm)]
    .map(([, line]) => line!.split(/(?<!\\)\|/).map((cell) => cell.trim()))
    .slice(1);

const quoted = (text: string): string[] => [...text.matchAll(/`([^`]+)`/g)].map(([, name]) => name!);

const sorted = (items: Iterable<string>): string[] => [...new Set(items)].sort();

describe('the error tables', () => {
  test('list every error code with its status, and no other', () => {
    const documented = rows(section('16')).map(([code, status]) => `${quoted(code!)[0]} ${status}`);
    expect(sorted(documented)).toEqual(sorted(Object.entries(ERRORS).map(([code, { status }]) => `${code} ${status}`)));
  });

  test('come after a text that names the extra fields of each error code', () => {
    const sentences = section('16')
      .split('\n|')[0]!
      .split(/[.;]\s/);
    const isNamed = (field: string, code: string) =>
      sentences.some((sentence) => [field, code].every((name) => sentence.includes(`\`${name}\``)));
    const pairs = Object.keys(problemSchema.shape).flatMap((field) =>
      quoted(FIELDS[`Problem.${field}`]![0]).flatMap((code) => (Object.hasOwn(ERRORS, code) ? [[field, code]] : [])),
    );
    expect(pairs).toContainEqual(['streamId', 'not_waiting']);
    expect(pairs.filter(([field, code]) => !isNamed(field!, code!))).toEqual([]);
  });

  test('list every reason for which a stream can fail, and no other', () => {
    const documented = rows(section('8.6')).map(([code]) => quoted(code!)[0]!);
    expect(sorted(documented)).toEqual(sorted(streamErrorSchema.shape.code.options));
  });
});

/** A chat has some fields once per message, number, parent or share. Maps the prefix of such a field to its name in section 12.3. */
const FAMILIES: Record<string, string> = {
  m: 'm:<messageId>',
  w: 'w:<messageId>',
  t: 't:<messageId>',
  k: 'k:<messageId>',
  n: 'n:<number>',
  c: 'c:<parentId>',
  s: 's:<shareId>',
};
const familyOf = (field: string): string => FAMILIES[/^([mwtncks]):/.exec(field)?.[1] ?? ''] ?? field;
describe('the table of reasons to finish', () => {
  test('lists every reason with its meaning, and no other', () => {
    const known = REASONS.map(({ name, from, kind }) => `${name} | ${from} | ${kind}`);
    const documented = rows(section('17.1'))
      .filter(([name]) => name!.startsWith('`'))
      .map(([name, from, kind]) => `${quoted(name!)[0]!.replace('""', '')} | ${from} | ${kind}`);
    expect(documented).toEqual(known);
  });

  test('uses exactly the meanings for which the rules in 17.2 give an outcome, and these rules name only existing error codes', () => {
    const rules = rows(section('17.2'));
    expect(new Set(rules.flatMap(([kinds]) => kinds!.split(', ')).filter((kind) => !kind.startsWith('any')))).toEqual(
      new Set(REASONS.map(({ kind }) => kind)),
    );
    for (const [, , outcome] of rules)
      for (const code of quoted(outcome!).filter((name) => name !== 'length'))
        expect(streamErrorSchema.shape.code.options).toContain(code);
  });
});

describe('the table of keys', () => {
  const NAMES = {
    roomId: '<roomId>',
    streamId: '<streamId>',
    userId: '<userId>',
    chatId: '<chatId>',
    address: '<address>',
  };
  const { roomId, streamId, userId, chatId, address } = NAMES;
  /** The key or channel of each export of keys.ts, as the table writes it. A new export needs a line here and a row in the table. */
  const PATTERNS: Record<keyof typeof keys, string> = {
    stateKey: keys.stateKey(streamId),
    logKey: keys.logKey(streamId),
    metaKey: keys.metaKey(streamId),
    bellChannel: keys.bellChannel(streamId),
    userStreamsKey: keys.userStreamsKey(userId),
    addressStreamsKey: keys.addressStreamsKey(address),
    startsKey: keys.startsKey(keys.userStreamsKey(userId)),
    bytesKey: keys.bytesKey(keys.userStreamsKey(userId)),
    heldKey: keys.heldKey(keys.userStreamsKey(userId)),
    cleanupsKey: keys.cleanupsKey(userId),
    ACTIVE_STREAMS: keys.ACTIVE_STREAMS,
    ENDED_STREAMS: keys.ENDED_STREAMS,
    chatKey: keys.chatKey(userId, chatId),
    queueKey: keys.queueKey(userId, chatId),
    chatBell: keys.chatBell(userId, chatId),
    roomKey: keys.roomKey(roomId),
    hereKey: keys.hereKey(userId, chatId),
    inviteKey: keys.inviteKey('<tokenHash>'),
    userRoomsKey: keys.userRoomsKey(userId),
    joinsKey: keys.joinsKey({ userId }),
    userChatsKey: keys.userChatsKey(userId),
    archivedChatsKey: keys.archivedChatsKey(userId),
    pinnedChatsKey: keys.pinnedChatsKey(userId),
    temporaryChatsKey: keys.temporaryChatsKey(userId),
    templateKey: keys.templateKey(userId, '<templateId>'),
    userTemplatesKey: keys.userTemplatesKey(userId),
    PUBLISHED_TEMPLATES: keys.PUBLISHED_TEMPLATES,
    shareKey: keys.shareKey('<shareId>'),
    userSharesKey: keys.userSharesKey(userId),
    opensKey: keys.opensKey(address),
    ANNOUNCEMENTS: keys.ANNOUNCEMENTS,
    SWEEPER_LOCK: keys.SWEEPER_LOCK,
    SWEEP_PLACE: keys.SWEEP_PLACE,
    analyticsKey: keys.analyticsKey('<hour>'),
    readersKey: keys.readersKey('<sidecarId>'),
    SIDECARS: keys.SIDECARS,
  };
  const table = section('12').split('### 12.1')[0]!;
  const documented = new Map(rows(table).map(([key, type]) => [quoted(key!)[0]!, type!]));

  test('lists every key of keys.ts, and no other', () => {
    expect(sorted(Object.keys(keys))).toEqual(sorted(Object.keys(PATTERNS)));
    expect(sorted(documented.keys())).toEqual(sorted(Object.values(PATTERNS)));
  });

  describe('compared with a Redis that a sidecar has written to', () => {
    let bed: TestBed;
    beforeAll(async () => {
      // With limits, because each limit has keys of its own.
      bed = await openTestBed({ env: { MAX_ACTIVE_STREAMS_PER_USER: '5', GUESTS_PER_ADDRESS: '1' } });
      const caller = await createCaller(await bed.start(), { address: 'a'.repeat(32) });
      const ended = newId('chat');
      await caller.untilEnded(await caller.startStream({ chatId: ended, modelId: 'synthetic/2x20@0' }));
      await caller.call('PATCH', `/chats/${ended}`, {
        body: { title: 'Renamed', instructions: 'Be brief.', read: true, pinned: true },
      });
      for (const [chatId, more] of [
        ['archived', {}],
        ['secret', { temporary: true }],
      ] as const)
        await caller.untilEnded(await caller.startStream({ chatId, modelId: 'synthetic/2x20@0', ...more }));
      await caller.call('PATCH', '/chats/archived', { body: { archived: true } });
      await caller.call('POST', `/chats/${ended}/forks`, {
        body: { forkId: 'branch', messageId: (await caller.messages(ended))[0]!.id },
      });
      const template = { name: 'T', command: 't', message: 'Hello' };
      await caller.call('PUT', '/templates/t1', { body: template, headers: { 'if-none-match': '*' } });
      const admin = await createCaller(caller, { userId: caller.userId, isAdmin: true });
      await admin.call('PATCH', '/templates/t1', { body: { published: true }, headers: { 'if-match': '*' } });
      const cancelled = await caller.startStream({ modelId: 'synthetic/1000x20@10' });
      await caller.cancel(cancelled);
      await caller.startStream({ modelId: 'synthetic/1000x20@10' });
    });
    afterAll(() => bed.close());

    /** The pattern in the table that a key matches: names in angle brackets stand for ids. */
    const patternOf = (key: string): string | undefined =>
      [...documented.keys()].find((pattern) =>
        new RegExp(`^${pattern.replace(/[{}]/g, '\\$&').replace('<hour>', '.+').replace(/<\w+>/g, '[^:{}]+')}$`).test(
          key.replace(/\{address_streams:([^}]+)\}/, '{user_streams:$1}'),
        ),
      );

    test('lists each stored key with its type', async () => {
      const found = await bed.db.keys('*');
      const seen = new Map<string, string>();
      for (const key of found) seen.set(patternOf(key) ?? `not documented: ${key}`, await bed.db.type(key));
      const names: Record<string, string> = { zset: 'sorted set' };
      for (const [pattern, type] of seen)
        expect([pattern, names[type] ?? type]).toEqual([pattern, documented.get(pattern)]);
      // With fewer kinds of keys in Redis, this test would check too little.
      expect(seen.size).toBeGreaterThanOrEqual(9);
    });

    test('is followed by tables with each stored field of a stream, a chat and a template', async () => {
      const fieldsOf = async (pattern: string) =>
        (await Promise.all((await bed.db.keys(pattern)).map((key) => bed.db.hKeys(key)))).flat();
      const names = (number: string) => rows(section(number)).flatMap(([cell]) => quoted(cell!));
      const meta = await fieldsOf('{stream:*}:meta');
      expect(sorted(meta).filter((field) => !names('12.1').includes(field))).toEqual([]);
      expect(meta.length).toBeGreaterThan(30);
      const chat = (await fieldsOf('chat:*')).map((field) => familyOf(field));
      expect(sorted(chat).filter((field) => !names('12.3').includes(field))).toEqual([]);
      expect(sorted(chat)).toContain('m:<messageId>');
      const template = (await fieldsOf('template:*')).map((field) => field.replace(/:\d+$/, ':<number>'));
      expect(sorted(template)).toEqual(sorted(names('12.5')));
    });

    test('is followed by a list of exactly the fields in the JSON of `stream:<streamId>`', async () => {
      const [key] = await bed.db.keys('stream:*');
      const members = Object.keys(JSON.parse((await bed.db.get(key!))!) as object);
      expect(sorted(quoted(section('12.2').split('It is a')[0]!))).toEqual(sorted(members));
    });
  });

  test('is followed by a table with each field of the hash `meta` that a Lua script reads or writes', () => {
    const folder = inRoot('sidecar/store/lua/streams');
    const scripts = readdirSync(folder).map((name) => readFileSync(`${folder}/${name}`, 'utf8'));
    const calls = scripts.join('\n').matchAll(/redis\.call\('H\w+',([^)]*)\)/g);
    const literals = [...calls].flatMap(([, args]) => [...args!.matchAll(/'(\w+)'/g)].map(([, name]) => name!));
    const fields = rows(section('12.1')).flatMap(([cell]) => quoted(cell!));
    const values = ['active', 'sealed', 'deleted'];
    // `create.lua` also reads `stream`, a field in the hash of the chat.
    const unknown = literals.filter((name) => ![...fields, ...values, 'stream'].includes(name));
    expect(sorted(unknown)).toEqual([]);
    expect(literals.length).toBeGreaterThan(30);
  });

  test('is followed by tables that name only fields that the store has', () => {
    const folder = inRoot('sidecar/store');
    const sources = readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => /(?<!\.test|\.suite)\.(ts|lua)$/.test(name))
      .map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
      .join('\n');
    const fields = [...rows(section('12.1')), ...rows(section('12.3'))].flatMap(([cell]) => quoted(cell!));
    const unknown = fields.filter(
      (field) => !/^([mwtnckuis]|[qs][mwabf]?):/.test(field) && !sources.includes(`'${field}'`),
    );
    expect(unknown).toEqual([]);
  });
});

describe('the tables of endpoints', () => {
  const documentedIn = (number: string) => rows(section(number)).map(([cell]) => quoted(cell!)[0]!);

  test('list every endpoint of the sidecar, and no other', async () => {
    const bed = await openTestBed();
    try {
      const response = await fetch(`${(await bed.start()).url}/openapi.json`);
      const { paths } = (await response.json()) as { paths: Record<string, object> };
      const served = Object.entries(paths).flatMap(([path, methods]) =>
        Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
      );
      expect(sorted(documentedIn('14'))).toEqual(sorted(served));
    } finally {
      await bed.close();
    }
  });

  test('list every endpoint of the app, and no other', async () => {
    const served: string[] = [];
    for (const file of readdirSync(inRoot('app/routes'))) {
      // Pages, and what only pages load, are not part of the protocol.
      if (!/^(api\.|admin\.|healthz|readyz).*\.ts$/.test(file) || file === 'api.$.ts') continue;
      served.push(...(await endpointsOf(file)));
    }
    expect(sorted(documentedIn('15'))).toEqual(sorted(served));
  });

  /** The endpoints of a route file. Their methods are in the `Allow` header of the 405 response to an unsupported method. */
  async function endpointsOf(file: string): Promise<string[]> {
    const path = `/${file.replace(/\.ts$/, '').replaceAll('[.]', '\0').replaceAll('.', '/').replaceAll('\0', '.').replaceAll('$', ':')}`;
    const { action } = (await import(pathToFileURL(inRoot('app/routes', file)).href)) as {
      action?: (args: object) => Promise<Response>;
    };
    if (!action) return [`GET ${path}`];
    const request = new Request(`http://127.0.0.1${path}`, { method: 'OPTIONS' });
    const response = await action({ request, params: {}, context: {} });
    expect(response.status, file).toBe(405);
    const methods = response.headers.get('allow')!.split(', ');
    return methods.filter((method) => method !== 'HEAD').map((method) => `${method} ${path}`);
  }
});

describe('the example of a lost log', () => {
  const blocks = [...section('3.4').matchAll(/^```\n(.*?)^```$/gms)].map(([, block]) => Buffer.from(block!));

  test('has, in the id of each frame, the position where the frame ends', () => {
    const [stored, lost, rewritten] = blocks;
    for (const log of [Buffer.concat([stored!, lost!]), Buffer.concat([stored!, rewritten!])]) {
      let position = 0;
      for (const frame of framesIn(log)) {
        position += frame.bytes;
        expect(frame.position).toBe(position);
      }
      expect(position).toBe(log.length);
    }
  });

  test('gives a reader the bytes that PROTOCOL.md describes', async () => {
    const [stored, lost, rewritten] = blocks;
    const store = createMemoryStreamStore({ leaseMs: 60_000, ttlMs: 60_000, maxBytes: 1 << 20 });
    const shown = framesIn(lost!)[0]!.id;
    const kept = framesIn(stored!).at(-1)!.id;
    const stream = { ...sampleStream(), frames: Buffer.concat([stored!, rewritten!]) };
    await store.create(stream);
    const read = async (id: string) => {
      const page = await store.read(stream.streamId, parseEventId(id)!, 1 << 20);
      if (typeof page === 'string') throw new Error(page);
      return page;
    };
    expect(await read(shown)).toMatchObject({ onLog: false, position: 0 });
    expect((await read(shown)).bytes.toString()).toBe(stream.frames.toString());
    expect(await read(kept)).toMatchObject({ onLog: true });
    expect((await read(kept)).bytes.toString()).toBe(rewritten!.toString());
  });
});

describe('the sections', () => {
  test('exist if code, tests or documents refer to them', () => {
    const headings = new Set([...protocol.matchAll(/^##+ ([\d.]+?)\.? /gm)].map(([, number]) => number!));
    const missing: string[] = [];
    for (const folder of [
      'app',
      'shared',
      'sidecar',
      'testing',
      'e2e',
      'chaos',
      'scripts',
      'docs',
      'explore',
      'deploy',
      'bench',
    ]) {
      for (const name of readdirSync(inRoot(folder), { recursive: true, encoding: 'utf8' })) {
        if (!/\.(ts|tsx|lua|md|mjs)$/.test(name)) continue;
        const text = readFileSync(inRoot(folder, name), 'utf8');
        for (const [, number] of text.matchAll(/PROTOCOL(?:\.md)? (\d+(?:\.\d+)?)/g))
          if (!headings.has(number!)) missing.push(`${folder}/${name}: ${number}`);
      }
    }
    expect(missing).toEqual([]);
  });
});
