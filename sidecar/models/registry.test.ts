import { LLMock } from '@copilotkit/aimock';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { RejoinError } from '../../shared/errors.ts';
import { modelInfoSchema } from '../../shared/chat/chat.ts';
import { collect, request, textOf } from './testing/collect.ts';
import { createModels, type ModelsConfig } from './registry.ts';

function create(config: Partial<ModelsConfig> = {}) {
  const logged: { event: string }[] = [];
  const log = {
    info: (fields: { event: string }) => logged.push(fields),
    warn: (fields: { event: string }) => logged.push(fields),
  };
  return { models: createModels({ allowSynthetic: false, ...config }, { log }), logged };
}
const google = { googleApiKey: 'key' };
const local = { openaiCompatibleBaseUrl: 'http://127.0.0.1:1/v1', openaiCompatibleModels: ['llama3:8b', 'qwen3'] };

const servedBy = (config: Partial<ModelsConfig>, modelId: string) =>
  create(config).models.resolve(modelId).model.servedBy;

function refusal(config: Partial<ModelsConfig>, modelId: string): RejoinError {
  try {
    create(config).models.resolve(modelId);
  } catch (error) {
    if (error instanceof RejoinError) return error;
  }
  throw new Error(`${modelId} was not refused`);
}

describe('an id', () => {
  test.each([
    [{}, 'demo', 'demo'],
    [{}, 'gemini-3.5-flash', 'demo'],
    [{}, 'gemini-2.0-flash', 'demo'],
    [google, 'gemini-3.5-flash', 'google'],
    [google, 'gemini-9-future-preview', 'google'],
    [google, 'demo', 'demo'],
    [local, 'local/llama3:8b', 'openai-compatible'],
    [local, 'local/hf.co/some-one/a-model.gguf', 'openai-compatible'],
    [{ ...google, ...local }, 'gemini-3.5-flash', 'google'],
    [{ allowSynthetic: true }, 'synthetic/5x20@0', 'synthetic'],
  ])('with the settings %j: %s is served by %s', (config, modelId, provider) => {
    expect(servedBy(config, modelId)).toBe(provider);
  });

  test('that needs a missing setting is unavailable, and the error names the setting', () => {
    for (const [config, modelId, setting] of [
      [local, 'gemini-3.5-flash', 'GOOGLE_GENERATIVE_AI_API_KEY'],
      [{}, 'local/llama3', 'OPENAI_COMPATIBLE_BASE_URL'],
      [google, 'local/llama3', 'OPENAI_COMPATIBLE_BASE_URL'],
    ] as const) {
      expect(refusal(config, modelId)).toMatchObject({
        code: 'model_unavailable',
        details: { detail: expect.stringContaining(setting) },
      });
    }
  });

  test.each([
    'gpt-4',
    '',
    'gemini',
    'gemini-',
    'gemini-x/../files',
    'gemini-x?key=',
    'local/',
    'local/a b',
    'Demo',
    'synthetic/5x20@0',
  ])('%j is unknown, and the error lists the known ids', (modelId) => {
    const { code, details } = refusal({ ...google, ...local }, modelId);
    expect(code).toBe('unknown_model');
    for (const known of ['demo', 'gemini-3.5-flash', 'local/llama3:8b']) expect(details.detail).toContain(known);
  });

  test('that is a malformed synthetic id is unknown, and the error shows the grammar', () => {
    expect(refusal({ allowSynthetic: true }, 'synthetic/5x2@0').details.detail).toContain('synthetic/<chunks');
  });
});

describe('a list of models in the settings', () => {
  const strict = { refuseUnlisted: true };

  test('refuses all other models if `refuseUnlisted` is set, and the error names the listed models', () => {
    expect(servedBy({ ...local, ...strict }, 'local/qwen3')).toBe('openai-compatible');
    const { code, details } = refusal({ ...local, ...strict }, 'local/qwen4');
    expect(code).toBe('unknown_model');
    expect(details.detail).toContain('local/qwen3');
    expect(details.detail).not.toContain('<model>');
    const gemini = { ...google, ...strict, googleModels: ['gemini-3.5-flash'] };
    expect(servedBy(gemini, 'gemini-3.5-flash')).toBe('google');
    expect(servedBy(gemini, 'gemini-2.0-flash')).toBe('google'); // replaced by gemini-3.5-flash
    expect(refusal(gemini, 'gemini-3.1-pro-preview').code).toBe('unknown_model');
  });

  test('does not affect another provider, and refuses nothing if it is empty', () => {
    expect(servedBy({ ...google, ...local, ...strict }, 'gemini-9-future')).toBe('google');
    expect(servedBy({ ...local, openaiCompatibleModels: [], ...strict }, 'local/qwen4')).toBe('openai-compatible');
  });

  test('decides which Gemini models are offered, and its first model is the default', () => {
    const { models } = create({ ...google, googleModels: ['gemini-3.8-flash', 'gemini-x-custom'] });
    expect(models.defaultModelId).toBe('gemini-3.8-flash');
    expect(models.list().filter(({ servedBy }) => servedBy === 'google')).toMatchObject([
      { id: 'gemini-3.8-flash', name: 'Gemini 3.8 Flash' },
      { id: 'gemini-x-custom', name: 'gemini-x-custom' },
    ]);
  });
});

describe('Gemini models', () => {
  const mock = new LLMock({ port: 0, logLevel: 'silent' });
  beforeAll(() => mock.start());
  afterAll(() => mock.stop());
  afterEach(() => void mock.reset());

  test('that Google has turned off are replaced by current models, and each replacement is logged once', async () => {
    mock.onMessage('Hello', { content: 'Hi' });
    const { models, logged } = create({ ...google, googleBaseUrl: `${mock.url}/v1beta` });
    for (let turn = 0; turn < 2; turn += 1) {
      expect(textOf((await collect(models.resolve('gemini-2.0-flash').model, request())).chunks)).toBe('Hi');
      expect(mock.getLastRequest()!.body).toMatchObject({ model: 'gemini-3.5-flash' });
    }
    expect(logged).toEqual([{ event: 'model.retired', modelId: 'gemini-2.0-flash', answeredBy: 'gemini-3.5-flash' }]);
  });

  test('that get a tool call without a signature make the SDK warn, and the warning is logged', async () => {
    mock.onMessage('Hello', { content: 'Hi' });
    const { models, logged } = create({ ...google, googleBaseUrl: `${mock.url}/v1beta` });
    const tool = { type: 'tool-current_time', toolCallId: 't1', state: 'output-available', input: {}, output: {} };
    const partial = { id: 'a1', role: 'assistant' as const, parts: [tool] };
    await collect(models.resolve('gemini-3.5-flash').model, request({ partial }));
    expect(logged).toMatchObject([{ event: 'model.warning', model: 'gemini-3.5-flash' }]);
  });
});

describe('how a model continues a partial answer', () => {
  test.each([
    ['gemini-2.5-flash', 'repeats'],
    ['gemini-3.1-pro-preview', 'repeats'],
    ['gemini-3.5-flash', 'repeats'],
    ['gemini-3.5-flash-lite', 'refuses'],
    ['gemini-3.6-flash', 'refuses'],
    ['gemini-flash-latest', 'refuses'],
    ['gemini-2.0-flash', 'repeats'], // replaced by gemini-3.5-flash
    ['local/llama3', 'repeats'],
    ['demo', 'exact'],
    ['synthetic/5x20@0', 'exact'],
  ])('%s: %s', (modelId, continuation) => {
    const { model } = create({ ...google, ...local, allowSynthetic: true }).models.resolve(modelId);
    expect(model.continuation).toBe(continuation);
  });

  test('can be set for patterns of ids, and the first pattern that matches counts', () => {
    const modelContinuation = { 'local/qwen*': 'refuses', 'local/*': 'exact', 'gemini-2.5-flash': 'exact' } as const;
    const { models } = create({ ...google, ...local, modelContinuation });
    const continuation = (modelId: string) => models.resolve(modelId).model.continuation;
    expect(continuation('local/qwen3')).toBe('refuses');
    expect(continuation('local/llama3')).toBe('exact');
    expect(continuation('gemini-2.5-flash')).toBe('exact');
    expect(continuation('gemini-2.5-flash-lite')).toBe('repeats');
    expect(continuation('gemini-2x5-flash')).toBe('refuses');
  });
});

test('Gemini and local models have an approximate context size, and the demo has none', () => {
  const { models } = create({ ...google, ...local });
  expect(models.resolve('gemini-3.5-flash').model.contextTokens).toBe(1_000_000);
  expect(models.resolve('local/llama3').model.contextTokens).toBe(32_000);
  expect(models.resolve('demo').model.contextTokens).toBeUndefined();
});

describe('the list of models to choose from', () => {
  const list = (config: Partial<ModelsConfig>) => {
    const infos = create(config).models.list();
    for (const info of infos) expect(modelInfoSchema.parse(info)).toEqual(info);
    return infos;
  };
  const available = (config: Partial<ModelsConfig>) =>
    list(config)
      .filter((info) => info.available)
      .map(({ id }) => id);

  test('marks the models that are available', () => {
    expect(available({})).toEqual(['demo']);
    expect(available(local)).toEqual(['local/llama3:8b', 'local/qwen3', 'demo']);
    expect(available(google)).toContain('gemini-3.5-flash');
  });

  test('says why a model is not available', () => {
    for (const info of list({}).filter((each) => !each.available)) expect(info.reason).toMatch(/^Set [A-Z_]+ /);
    expect(list({ openaiCompatibleBaseUrl: 'http://x/v1' }).find(({ id }) => id === 'local/<model>')).toMatchObject({
      available: false,
      reason: expect.stringContaining('OPENAI_COMPATIBLE_MODELS'),
    });
  });

  test('marks a model as available only if `resolve` finds it, and the default model is available', () => {
    for (const config of [{}, google, local, { ...google, ...local }]) {
      const { models } = create(config);
      for (const id of available(config))
        expect(models.resolve(id).model.servedBy).toBe(list(config).find((info) => info.id === id)!.servedBy);
      expect(available(config)).toContain(models.defaultModelId);
    }
    expect(create(google).models.defaultModelId).toBe('gemini-3.5-flash');
    expect(create(local).models.defaultModelId).toBe('local/llama3:8b');
  });
});
