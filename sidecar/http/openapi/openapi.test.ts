import { execFile } from 'node:child_process';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { FastifyInstance } from 'fastify';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { createCaller, startBody, type Answer, type Caller } from '../../../testing/caller.ts';
import { openTestBed, type TestBed } from '../../../testing/test-bed.ts';
import { describeFields } from './describe-fields.ts';
import { FIELDS } from './fields.ts';

interface Operation {
  operationId: string;
  tags: string[];
  parameters?: { name: string; in: string }[];
  requestBody?: { required: boolean };
  responses: Record<string, Described>;
}
interface Described {
  description: string;
  headers?: JsonObject;
  content?: Record<string, { schema: JsonObject }>;
}
type JsonObject = Record<string, unknown>;
interface OpenApiDocument {
  openapi: string;
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonObject> };
}

const MODEL = 'synthetic/2x20@0';
const UNKNOWN = 'a'.repeat(26);
const REDOCLY = fileURLToPath(new URL('../../../node_modules/@redocly/cli/bin/cli.js', import.meta.url));

let bed: TestBed;
let caller: Caller;
/** The routes that the server has registered, written like `get /streams/{streamId}`. */
const routes = new Set<string>();
let document: OpenApiDocument;

beforeAll(async () => {
  bed = await openTestBed();
  // Fastify publishes each new server on this channel, before it has any route.
  const watch = (message: unknown) => {
    (message as { fastify: FastifyInstance }).fastify.addHook('onRoute', ({ method, url, schema }) => {
      // Hidden routes are not described: the routes with the version in their path, and the routes that refuse unsupported methods.
      if (schema?.hide) return;
      for (const verb of [method].flat()) routes.add(`${verb.toLowerCase()} ${url.replace(/:(\w+)/g, '{$1}')}`);
    });
  };
  subscribe('fastify.initialization', watch);
  caller = await createCaller(await bed.start());
  unsubscribe('fastify.initialization', watch);
  const answer = await caller.call('GET', '/openapi.json', { token: null });
  expect(answer.status).toBe(200);
  document = answer.body as unknown as OpenApiDocument;
});
afterAll(() => bed.close());

const operations = () =>
  Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, operation })),
  );

describe('the description that the sidecar serves', () => {
  test('has every route of the server, and no other', () => {
    expect(document.openapi).toBe('3.1.0');
    const served = [...routes].filter((route) => !route.startsWith('head '));
    expect(served.length).toBeGreaterThan(10);
    expect(
      operations()
        .map(({ name }) => name)
        .sort(),
    ).toEqual(served.sort());
  });

  test('has a unique id for each operation, and lists every parameter of the path', () => {
    const ids = operations().map(({ operation }) => operation.operationId);
    expect(new Set(ids).size).toBe(ids.length);
    for (const { name, operation } of operations()) {
      const inPath = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path');
      const named = [...name.matchAll(/\{(\w+)\}/g)].map((match) => match[1]);
      expect(inPath.map((parameter) => parameter.name)).toEqual(named);
    }
  });

  test('refers only to its own components, and uses all of them', () => {
    const text = JSON.stringify(document);
    const referred = new Set([...text.matchAll(/"#\/components\/schemas\/(\w+)"/g)].map((match) => match[1]!));
    expect([...referred].sort()).toEqual(Object.keys(document.components.schemas).sort());
  });

  test('describes every field, parameter and header, with an example', () => {
    const lacking: string[] = [];
    const check = (at: string, { description, example, examples }: JsonObject) => {
      if (!description || (example === undefined && examples === undefined)) lacking.push(at);
    };
    const visit = (value: unknown, at: string): void => {
      if (typeof value !== 'object' || value === null) return;
      for (const [key, child] of Object.entries(value as JsonObject)) {
        if (key === 'properties' && !at.endsWith('/properties'))
          for (const [name, field] of Object.entries(child as Record<string, JsonObject>))
            check(`${at}.${name}`, field);
        if (key === 'parameters') for (const each of child as JsonObject[]) check(`${at}.${String(each.name)}`, each);
        if (key === 'headers')
          for (const [name, { schema, ...header }] of Object.entries(child as Record<string, JsonObject>))
            check(`${at}.${name}`, { ...(schema as JsonObject), ...header });
        visit(child, `${at}/${key}`);
      }
    };
    visit(document, '');
    expect(lacking).toEqual([]);
    expect([...describeFields(structuredClone(document))].sort()).toEqual(Object.keys(FIELDS).sort());
  });

  test('describes servers and tags, and lists the headers of every 429 response', () => {
    const { servers, tags } = document as unknown as Record<string, { description: string; name?: string }[]>;
    for (const each of [...servers!, ...tags!]) expect(each.description).toBeTruthy();
    const named = new Set(tags!.map(({ name }) => name));
    for (const { operation } of operations()) for (const tag of operation.tags) expect(named).toContain(tag);
    const refusals = operations().flatMap(({ operation }) => Object.entries(operation.responses));
    const headersOf = (status: string) =>
      refusals.filter(([key]) => key === status).map(([, { headers = {} }]) => Object.keys(headers));
    expect(headersOf('429').length).toBeGreaterThan(10);
    for (const names of headersOf('429'))
      expect(names).toEqual(
        expect.arrayContaining(['Retry-After', 'RateLimit-Limit', 'RateLimit-Remaining', 'RateLimit-Reset']),
      );
    expect(document.components.schemas.Problem!.properties).toHaveProperty('issues');
  });

  test("passes Redocly's recommended rules without a warning", async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rejoin-openapi-'));
    const file = join(folder, 'openapi.json');
    await writeFile(file, JSON.stringify(document));
    const { stdout } = await promisify(execFile)(
      process.execPath,
      [REDOCLY, 'lint', '--extends', 'recommended', '--format', 'json', file],
      { env: { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }, cwd: folder },
    ).finally(() => rm(folder, { recursive: true }));
    expect(JSON.parse(stdout)).toMatchObject({ totals: { errors: 0, warnings: 0 }, problems: [] });
  });

  test('allows requests with the minimum of fields, but no invalid chat id', () => {
    const { StartRequest, CleanupRequest } = document.components.schemas;
    expect(() => validate(StartRequest!, startBody({ modelId: MODEL }))).not.toThrow();
    expect(() => validate(StartRequest!, { ...startBody({ modelId: MODEL }), chatId: 'not an id' })).toThrow();
    expect(() => validate(CleanupRequest!, {})).not.toThrow();
  });
});

describe('the responses of a real run match the description', () => {
  const TEMPLATE = { id: 't1', name: 'T', command: 't', message: '{{a}}', variables: [{ type: 'text', name: 'a' }] };
  /** The calls of the run, in order. Later calls use what earlier calls have created. The test replaces names in braces by values. */
  const CALLS: { call: string; status: number; body?: unknown; path?: string; headers?: Record<string, string> }[] = [
    { call: 'get /healthz', status: 200 },
    { call: 'get /readyz', status: 200 },
    { call: 'get /metrics', status: 200 },
    { call: 'get /openapi.json', status: 200 },
    { call: 'get /models', status: 200 },
    { call: 'get /analytics', status: 403 },
    { call: 'post /streams', status: 201, body: startBody({ chatId: 'c1', messageId: 'm1', modelId: MODEL }) },
    { call: 'post /streams', status: 200, body: startBody({ chatId: 'c1', messageId: 'm1', modelId: MODEL }) },
    { call: 'post /streams', status: 400, body: { chatId: 'c1' } },
    { call: 'get /streams', status: 200 },
    { call: 'get /streams/{streamId}', status: 200 },
    { call: 'get /streams/{streamId}', status: 404, path: `/streams/${UNKNOWN}` },
    { call: 'get /streams/{streamId}/events', status: 200 },
    { call: 'get /streams/{streamId}/events', status: 400, path: `/streams/${UNKNOWN}/events?after=nonsense` },
    { call: 'delete /streams/{streamId}', status: 200 },
    { call: 'get /chats', status: 200 },
    { call: 'get /chats/{chatId}', status: 200 },
    { call: 'get /chats/{chatId}/messages', status: 200 },
    { call: 'get /chats/{chatId}/stream', status: 200 },
    { call: 'get /chats/{chatId}/stream', status: 204, path: '/chats/never-was/stream' },
    { call: 'get /search', status: 200, path: '/search?q=hello' },
    { call: 'post /chats/{chatId}/forks', status: 201, body: { forkId: 'c2', messageId: 'm1' } },
    { call: 'post /chats/{chatId}/forks', status: 200, body: { forkId: 'c2', messageId: 'm1' } },
    { call: 'post /chats/{chatId}/forks', status: 409, body: { forkId: 'c2', messageId: 'm1', at: '1ab-100' } },
    { call: 'get /chats/{chatId}', status: 200, path: '/chats/c2' },
    { call: 'get /chats/{chatId}', status: 200 },
    { call: 'patch /chats/{chatId}', status: 200, body: { title: 'Another title' } },
    { call: 'patch /chats/{chatId}', status: 400, body: { title: '' } },
    { call: 'post /chats/{chatId}/say', status: 201, body: { messageId: 's1', text: 'Hello' } },
    { call: 'post /chats/{chatId}/say', status: 200, body: { messageId: 's1', text: 'Hello' } },
    { call: 'post /chats/{chatId}/say', status: 422, body: { messageId: 's1', text: 'Other' } },
    // The chat has no room yet. With a room, the response would never end; `feed.test.ts` reads such a response.
    { call: 'get /chats/{chatId}/events', status: 404 },
    { call: 'post /chats/{chatId}/presence', status: 404, body: { tab: 't', typing: true } },
    { call: 'post /templates', status: 201, body: TEMPLATE },
    { call: 'post /templates', status: 200, body: TEMPLATE },
    { call: 'post /templates', status: 400, body: {} },
    { call: 'get /templates', status: 200 },
    { call: 'get /templates/{templateId}', status: 200, path: '/templates/t1' },
    { call: 'get /templates/{templateId}', status: 200, path: '/templates/summarize' },
    { call: 'put /templates/{templateId}', status: 428, path: '/templates/t1', body: TEMPLATE },
    {
      call: 'put /templates/{templateId}',
      status: 200,
      path: '/templates/t1',
      body: TEMPLATE,
      headers: { 'if-match': '*' },
    },
    {
      call: 'patch /templates/{templateId}',
      status: 200,
      path: '/templates/t1',
      body: { live: 1 },
      headers: { 'if-match': '*' },
    },
    {
      call: 'post /templates/{templateId}/preview',
      status: 200,
      path: '/templates/t1/preview',
      body: { values: { a: 'x' } },
    },
    { call: 'get /templates/export', status: 200 },
    { call: 'post /templates/import', status: 200, body: { rejoinTemplates: 1, templates: [TEMPLATE] } },
    { call: 'delete /templates/{templateId}', status: 204, path: '/templates/t1' },
    {
      call: 'post /streams',
      status: 201,
      body: startBody({ chatId: 'c1', messageId: 'm2', modelId: 'synthetic/9x20@0?startDelayMs=600000' }),
    },
    {
      call: 'post /streams',
      status: 202,
      body: startBody({ chatId: 'c1', messageId: 'm3', modelId: MODEL, whenBusy: 'queue' }),
    },
    { call: 'get /chats/{chatId}/queue', status: 200 },
    { call: 'get /chats/{chatId}/queue/{messageId}', status: 200 },
    { call: 'get /chats/{chatId}', status: 200 },
    { call: 'patch /chats/{chatId}/queue/{messageId}', status: 200, body: { text: 'Hi', place: 1 } },
    { call: 'post /chats/{chatId}/queue', status: 200, body: { action: 'resume' } },
    { call: 'post /chats/{chatId}/queue', status: 400, body: { action: 'send' } },
    { call: 'delete /chats/{chatId}/queue/{messageId}', status: 200 },
    { call: 'delete /chats/{chatId}/queue/{messageId}', status: 409 },
    { call: 'get /chats/{chatId}/members', status: 200 },
    { call: 'post /chats/{chatId}/invites', status: 201, body: { name: 'Ada', maxUses: 2 } },
    { call: 'get /chats/{chatId}/invites', status: 200 },
    { call: 'get /chats/{chatId}', status: 200 },
    { call: 'post /joins/look', status: 200, body: { token: '{token}' } },
    { call: 'post /joins', status: 200, body: { token: '{token}', name: 'Ada' } },
    { call: 'post /joins', status: 404, body: { token: 'a'.repeat(43), name: 'Ada' } },
    { call: 'patch /chats/{chatId}/members/{userId}', status: 200, body: { name: 'Ada L.' } },
    { call: 'patch /chats/{chatId}/members/{userId}', status: 400, body: { role: 'viewer' } },
    { call: 'delete /chats/{chatId}/members/{userId}', status: 204, path: '/chats/c1/members/nobody' },
    { call: 'delete /chats/{chatId}/invites/{inviteId}', status: 204, path: '/chats/c1/invites/none' },
    { call: 'delete /chats/{chatId}/invites', status: 204 },
    { call: 'post /joins', status: 200, body: { token: '{token}', name: 'Ada' } },
    { call: 'get /rooms', status: 200 },
    { call: 'post /chats/{chatId}/shares', status: 201, body: { copy: true } },
    { call: 'get /chats/{chatId}/shares', status: 200 },
    { call: 'get /shares', status: 200 },
    { call: 'patch /shares/{shareId}', status: 200, body: { title: 'A page' } },
    { call: 'get /shares/{shareId}', status: 200 },
    { call: 'post /shared', status: 200, body: { secret: '{secret}' } },
    { call: 'post /shared/copies', status: 201, body: { secret: '{secret}', tag: '{tag}', forkId: 'c3' } },
    { call: 'post /shared/events', status: 404, body: { secret: '{secret}', streamId: UNKNOWN } },
    { call: 'delete /shares/{shareId}', status: 204 },
    { call: 'get /shares/{shareId}', status: 404 },
    { call: 'delete /chats/{chatId}/shares', status: 204 },
    { call: 'delete /shares', status: 204 },
    { call: 'post /cleanup', status: 200, body: { action: 'force' } },
    { call: 'delete /chats/{chatId}', status: 204 },
    { call: 'delete /chats', status: 204 },
  ];

  test('and the run calls every operation', () => {
    // The response of /cut-check is cut off on purpose. deploy/cut.test.ts calls this operation.
    expect([...new Set([...CALLS.map(({ call }) => call), 'get /cut-check'])].sort()).toEqual(
      operations()
        .map(({ name }) => name)
        .sort(),
    );
  });

  test('for each call of an ordinary user', async () => {
    let streamId = UNKNOWN;
    /** Values of earlier responses that later calls need. They replace `{token}`, `{secret}` and so on. */
    const told: Record<string, string> = {};
    const fill = (text: string) => text.replace(/\{(token|secret|shareId|tag)\}/g, (_, name: string) => told[name]!);
    for (const { call, status, body, path, headers } of CALLS) {
      const [method, template] = call.split(' ') as [string, string];
      const url =
        path ??
        template
          .replace('{streamId}', streamId)
          .replace('{chatId}', 'c1')
          .replace('{messageId}', 'm3')
          .replace('{userId}', caller.userId)
          .replace('{shareId}', told.shareId ?? '');
      const sse = url.includes('/events') ? { headers: { accept: 'text/event-stream' } } : {};
      const answer = await caller.call(method.toUpperCase(), url, {
        body: body && JSON.parse(fill(JSON.stringify(body))),
        headers,
        ...sse,
      });
      for (const name of ['token', 'secret', 'shareId', 'tag'])
        if (typeof answer.body[name] === 'string') told[name] = answer.body[name];
      expect([call, answer.status]).toEqual([call, status]);
      expectAsDescribed(call, answer);
      if (call === 'post /streams' && status === 201) {
        streamId = String(answer.body.streamId);
        if ((body as { messageId: string }).messageId === 'm1') await caller.untilEnded(streamId);
      }
    }
  });

  test('for the calls of an administrator while a stream is running', async () => {
    const admin = await createCaller(caller, { isAdmin: true });
    const streamId = await caller.startStream({ modelId: 'synthetic/5000x20@50' });
    const list = await admin.call('GET', '/streams?all=1');
    expect(list.text).toContain(streamId);
    expectAsDescribed('get /streams', list);
    const analytics = await admin.call('GET', '/analytics');
    expect(analytics.status).toBe(200);
    expectAsDescribed('get /analytics', analytics);
    expectAsDescribed('get /streams/{streamId}', await admin.call('GET', `/streams/${streamId}`));
    await caller.cancel(streamId);
  });
});

function expectAsDescribed(call: string, { status, headers, body, text }: Answer): void {
  const { operation } = operations().find(({ name }) => name === call)!;
  const described = operation.responses[status];
  if (described === undefined) throw new Error(`${call}: ${status} is not described`);
  if (described.content === undefined) return expect([call, text]).toEqual([call, '']);
  const type = headers.get('content-type')!.split(';')[0]!;
  const content = described.content[type];
  if (content === undefined) throw new Error(`${call}: ${status} as ${type} is not described`);
  if (type.endsWith('json')) validate(content.schema, body);
}

/** Throws if `value` is not as described, or has a field that is not described. */
function validate(schema: JsonObject, value: unknown): void {
  z.fromJSONSchema(closed(schema) as Parameters<typeof z.fromJSONSchema>[0]).parse(value);
}

/**
 * Returns the schema with each `$ref` replaced by the schema that it names, and with unknown fields forbidden in all objects. The
 * document itself allows unknown fields, because later versions may add fields.
 */
function closed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(closed);
  if (typeof schema !== 'object' || schema === null) return schema;
  if ('$ref' in schema && typeof schema.$ref === 'string') {
    const { $ref, ...rest } = schema;
    return closed({ ...document.components.schemas[$ref.split('/').at(-1)!], ...rest });
  }
  const inner = Object.fromEntries(Object.entries(schema).map(([key, value]) => [key, closed(value)]));
  return 'properties' in inner && !('additionalProperties' in inner)
    ? { ...inner, additionalProperties: false }
    : inner;
}
