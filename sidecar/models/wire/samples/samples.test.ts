import { setImmediate } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createTools } from '../../demo/registry.ts';
import { createGoogleModels } from '../../google.ts';
import { knowledgeOf } from '../../knowledge.ts';
import { ModelError } from '../../model.ts';
import { createOpenAiCompatibleModels } from '../../openai-compatible.ts';
import { collect, fold, request, textOf } from '../../testing/collect.ts';
import { startProviderServer, type ProviderServer } from '../../testing/provider-server.ts';
import { createTransport } from '../transport.ts';
import { BYTES } from './bytes.ts';
import { ENDS } from './ends.ts';
import { FAILURES } from './failures.ts';
import { FIELDS } from './fields.ts';
import { GEMINI } from './gemini.ts';
import { MORE_BYTES } from './variants/bytes.ts';
import { MORE_ENDS } from './variants/ends.ts';
import { MORE_GEMINI } from './variants/gemini.ts';
import { MESSAGES } from './variants/messages.ts';
import { NOTICES } from './variants/notices.ts';
import { MORE_THOUGHTS } from './variants/thoughts.ts';
import { MORE_TOOLS } from './variants/tools.ts';
import { NOT_THERE } from './refusals/not-there.ts';
import { ACCOUNTS } from './refusals/accounts.ts';
import { CREDIT } from './refusals/credit.ts';
import { GATEWAYS } from './refusals/gateways.ts';
import { LIMITS } from './refusals/limits.ts';
import { MODELS } from './refusals/models.ts';
import { REQUESTS } from './refusals/requests.ts';
import { REFUSALS } from './refusals/by-provider.ts';
import { failed, openai, say, type Expected, type Sample } from './sample.ts';
import { THOUGHTS } from './thoughts.ts';
import { TOOLS } from './tools.ts';

let sample: Sample;
let server: ProviderServer;
beforeAll(async () => {
  server = await startProviderServer(async (response, body) => {
    const turns = (body.messages ?? body.contents) as Record<string, unknown>[];
    const step = turns.filter((turn) => turn.role === 'tool' || /functionResponse/.test(JSON.stringify(turn))).length;
    const { status = 200, headers = { 'content-type': 'text/event-stream' }, pieces, end } = sample.reply(step);
    response.writeHead(status, headers).flushHeaders();
    for (const piece of pieces) {
      response.write(piece);
      await setImmediate();
    }
    if (end === 'reset') response.socket?.resetAndDestroy();
    else if (end !== 'open') response.end();
  });
});
afterAll(() => server.stop());

const common = {
  tools: createTools({ now: () => new Date('2026-03-02T17:05:00Z') }),
  maxRetries: 0,
  post: createTransport(),
};
const models = {
  openai: () =>
    createOpenAiCompatibleModels({ ...common, baseUrl: `${server.url}/v1`, log: { info: () => {} } })(
      'm',
      knowledgeOf('local/m'),
    ),
  gemini: () =>
    createGoogleModels({ ...common, apiKey: 'x', baseUrl: `${server.url}/v1beta` })(
      'gemini-3.5-flash',
      knowledgeOf('gemini-3.5-flash'),
    ),
};

async function play(played: Sample): Promise<Expected & { error: unknown }> {
  sample = played;
  const { chunks, error } = await collect(models[played.protocol ?? 'openai'](), request());
  const message = fold(chunks);
  const reasoning = message.parts.map((part) => (part.type === 'reasoning' ? part.text : '')).join('');
  const tools = message.parts.filter(({ type }) => type.startsWith('tool-') || type === 'dynamic-tool') as {
    input?: unknown;
    errorText?: string;
  }[];
  return {
    text: textOf(chunks.filter((chunk) => chunk.type === 'text-delta')),
    code: error instanceof ModelError ? error.code : null,
    reasoning,
    tools: tools.map((tool) => ('errorText' in tool ? { errorText: String(tool.errorText) } : { input: tool.input })),
    isCutOff: chunks.some(({ messageMetadata }) => messageMetadata !== undefined),
    error,
  };
}

describe.each([
  ['unusual fields', FIELDS],
  ['ends of answers', ENDS],
  ['unusual bytes', BYTES],
  ['thoughts', THOUGHTS],
  ['tools', TOOLS],
  ['failures', FAILURES],
  ['refusals', REFUSALS],
  ['missing models and servers', NOT_THERE],
  ['Gemini', GEMINI],
  ['more ends', MORE_ENDS],
  ['more bytes', MORE_BYTES],
  ['more thoughts', MORE_THOUGHTS],
  ['more tools', MORE_TOOLS],
  ['more Gemini', MORE_GEMINI],
  ['messages and parts', MESSAGES],
  ['notices', NOTICES],
  ['keys and accounts', ACCOUNTS],
  ['credit', CREDIT],
  ['rates and load', LIMITS],
  ['models', MODELS],
  ['contents of requests', REQUESTS],
  ['gateways and faults', GATEWAYS],
])('responses of model servers are read as expected, %s:', (_kind, samples) => {
  test.each(samples.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const { error, ...got } = await play(one);
    if (error !== null) expect(error).toBeInstanceOf(ModelError);
    expect(got).toMatchObject({ reasoning: '', tools: [], isCutOff: false, ...one.expected });
  });
});

test('a model that repeats one sentence endlessly is stopped', async () => {
  const endless = openai('', [...Array<string>(40).fill(say('I am done. '.repeat(200)))], failed('repeats_itself'), {
    end: 'open',
  });
  expect(await play(endless)).toMatchObject({ code: 'repeats_itself' });
});
