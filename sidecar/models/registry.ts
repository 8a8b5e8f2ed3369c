import type { ModelInfo } from '../../shared/chat/chat.ts';
import { RejoinError } from '../../shared/errors.ts';
import type { Log } from '../log.ts';
import { createTools } from './demo/registry.ts';
import { logSdkWarnings } from './ai-sdk.ts';
import { createDeadlineTimer } from './synthetic/deadline-timer.ts';
import { createDemoModel } from './demo/demo.ts';
import { createGoogleModels } from './google.ts';
import { knowledgeOf } from './knowledge.ts';
import type { Continuation, Model } from './model.ts';
import { createOpenAiCompatibleModels } from './openai-compatible.ts';
import { parseSyntheticId, SYNTHETIC_GRAMMAR, SYNTHETIC_PREFIX } from './synthetic/synthetic-id.ts';
import { createSyntheticModel } from './synthetic/synthetic.ts';
import { createTransport } from './wire/transport.ts';

export interface ModelsConfig {
  /** If the key is set, Google answers for the ids `gemini-*`. */
  googleApiKey?: string;
  /** URL including the version, such as `https://…/v1beta`. Default: Google's own. */
  googleBaseUrl?: string;
  /** URL of the server that answers for `local/<model>`, including the version, such as `http://…/v1`. */
  openaiCompatibleBaseUrl?: string;
  openaiCompatibleApiKey?: string;
  /** The models to offer from the server at `openaiCompatibleBaseUrl`, by the names that the server uses. */
  openaiCompatibleModels?: string[];
  /** The Gemini models to offer, by Google's ids. Default: {@link GEMINI_MODELS}. */
  googleModels?: string[];
  /** If a provider has a list of models, refuse the other models of this provider, because the operator pays for their use. */
  refuseUnlisted?: boolean;
  /** Accept the ids `synthetic/…`, for tests and measurements. */
  allowSynthetic: boolean;
  /** Overrides how models continue a partial answer, by patterns of ids such as `local/qwen*`. */
  modelContinuation?: Record<string, Continuation>;
  /** Number of retries if a request fails before its response begins. */
  maxRetries?: number;
  /** Reach model servers through the proxy that the environment names (HTTP_PROXY, HTTPS_PROXY, NO_PROXY). */
  useEnvProxy?: boolean;
  /** Speed of the demo: 2 is twice as fast as normal. */
  demoSpeed?: number;
  /** The clock for the tools. */
  now?: () => Date;
}

export interface Models {
  /**
   * The model for an id. Throws `unknown_model` for an id that no provider has or that the operator does not offer, and
   * `model_unavailable` for an id that needs a missing setting. The `detail` of the error lists the known ids or names the
   * setting.
   *
   * If no provider is configured, the demo answers for `gemini-*`, so that the examples of the README work without a key. `list`
   * still says that these models are not available: a person should not choose one and get the demo.
   */
  resolve(modelId: string): { model: Model };
  /** The models to choose from. A model that is not available has a `reason`. */
  list(): ModelInfo[];
  defaultModelId: string;
}

const DEMO = 'demo';
const GEMINI = /^gemini-[\w.-]{1,100}$/;
const LOCAL = /^local\/([\w./:@+-]{1,200})$/;
const LOCAL_PREFIX = 'local/';

/** The Gemini models to choose from; the first is the default. Any other `gemini-*` is accepted, too. */
const GEMINI_MODELS: [modelId: string, name: string][] = [
  ['gemini-3.5-flash', 'Gemini 3.5 Flash'],
  ['gemini-3.5-flash-lite', 'Gemini 3.5 Flash-Lite'],
  ['gemini-3.8-flash', 'Gemini 3.8 Flash'],
  ['gemini-3.1-pro-preview', 'Gemini 3.1 Pro'],
  ['gemini-4-argon', 'Gemini 4 Argon'],
];

/** Gemini models that Google has turned off, and their replacements. */
const RETIRED = new Map([
  ['gemini-1.5-flash', 'gemini-3.5-flash-lite'],
  ['gemini-1.5-pro', 'gemini-3.5-flash'],
  ['gemini-2.0-flash', 'gemini-3.5-flash'],
  ['gemini-2.0-flash-001', 'gemini-3.5-flash'],
  ['gemini-2.0-flash-lite', 'gemini-3.5-flash-lite'],
  ['gemini-2.0-flash-lite-001', 'gemini-3.5-flash-lite'],
]);

const NO_GOOGLE = 'Set GOOGLE_GENERATIVE_AI_API_KEY to use Gemini.';
const NO_LOCAL = 'Set OPENAI_COMPATIBLE_BASE_URL to use models of a server of your own (Ollama, llama.cpp, vLLM, …).';
const NO_LOCAL_NAMES = 'Name the models of your server in OPENAI_COMPATIBLE_MODELS to choose from them here.';

/** All models that this process can ask, by id. */
export function createModels(config: ModelsConfig, { log }: { log: Pick<Log, 'info' | 'warn'> }): Models {
  logSdkWarnings(log);
  const { maxRetries = 2, now = () => new Date() } = config;
  const tools = createTools({ now });
  const post = createTransport({ useEnvProxy: config.useEnvProxy });
  const timer = createDeadlineTimer();
  const demo = createDemoModel({ speed: config.demoSpeed ?? 1, now });
  const google =
    config.googleApiKey &&
    createGoogleModels({ apiKey: config.googleApiKey, baseUrl: config.googleBaseUrl, tools, maxRetries, post });
  const local =
    config.openaiCompatibleBaseUrl &&
    createOpenAiCompatibleModels({
      baseUrl: config.openaiCompatibleBaseUrl,
      apiKey: config.openaiCompatibleApiKey,
      tools,
      maxRetries,
      post,
      log,
    });
  const localNames = config.openaiCompatibleModels ?? [];
  const knowledge = (modelId: string) => knowledgeOf(modelId, config.modelContinuation);
  const announced = new Set<string>();
  const nameOf = (id: string): string => GEMINI_MODELS.find(([known]) => known === id)?.[1] ?? id;
  const geminiModels = config.googleModels?.length
    ? config.googleModels.map((id): [string, string] => [id, nameOf(id)])
    : GEMINI_MODELS;

  function find(modelId: string): Model {
    if (modelId === DEMO) return demo;
    if (modelId.startsWith(SYNTHETIC_PREFIX) && config.allowSynthetic) {
      return createSyntheticModel(parseSyntheticId(modelId), timer);
    }
    if (GEMINI.test(modelId)) return gemini(modelId);
    const localName = LOCAL.exec(modelId)?.[1];
    if (localName) {
      if (!local) throw new RejoinError('model_unavailable', { detail: NO_LOCAL });
      if (isRefused(localNames, localName)) throw unknown();
      return local(localName, knowledge(modelId));
    }
    throw unknown();
  }

  const unknown = () => new RejoinError('unknown_model', { detail: `Known models: ${knownIds().join(', ')}.` });

  const isRefused = (list: string[] | undefined, name: string | undefined): boolean =>
    config.refuseUnlisted === true &&
    list !== undefined &&
    list.length > 0 &&
    (name === undefined || !list.includes(name));

  function gemini(modelId: string): Model {
    if (!google && !local) return demo;
    if (isRefused(config.googleModels, modelId) && isRefused(config.googleModels, RETIRED.get(modelId)))
      throw unknown();
    if (!google) throw new RejoinError('model_unavailable', { detail: NO_GOOGLE });
    const current = RETIRED.get(modelId) ?? modelId;
    if (current !== modelId && !announced.has(modelId)) {
      announced.add(modelId);
      log.warn({ event: 'model.retired', modelId, answeredBy: current });
    }
    return google(current, knowledge(current));
  }

  const knownIds = (): string[] => [
    DEMO,
    ...geminiModels.map(([id]) => id),
    ...(config.refuseUnlisted && config.googleModels?.length ? [] : ['any other gemini-*']),
    ...localNames.map((name) => LOCAL_PREFIX + name),
    ...(config.refuseUnlisted && localNames.length > 0 ? [] : [`${LOCAL_PREFIX}<model>`]),
    ...(config.allowSynthetic ? [SYNTHETIC_GRAMMAR] : []),
  ];

  return {
    resolve: (modelId) => ({ model: find(modelId) }),
    list: () => [
      ...geminiModels.map(([id, name]) => info({ id, name, servedBy: 'google', missing: google ? null : NO_GOOGLE })),
      ...localNames.map((name) =>
        info({ id: LOCAL_PREFIX + name, name, servedBy: 'openai-compatible', missing: local ? null : NO_LOCAL }),
      ),
      ...(localNames.length === 0 ? [someLocalModel(local ? NO_LOCAL_NAMES : NO_LOCAL)] : []),
      info({ id: DEMO, name: 'Demo (built in, not an AI)', servedBy: 'demo', missing: null }),
    ],
    defaultModelId: defaultModelId(),
  };

  function defaultModelId(): string {
    if (google) return geminiModels[0]![0];
    return local && localNames[0] ? LOCAL_PREFIX + localNames[0] : DEMO;
  }
}

/** `missing`: a sentence that names the setting without which the model cannot be used; `null` if no setting is missing. */
function info({ missing, ...model }: Omit<ModelInfo, 'available' | 'reason'> & { missing: string | null }): ModelInfo {
  return missing === null ? { ...model, available: true } : { ...model, available: false, reason: missing };
}

/** The list entry that stands for all local models, if the settings do not name any. */
const someLocalModel = (missing: string): ModelInfo =>
  info({ id: `${LOCAL_PREFIX}<model>`, name: 'A model of your own', servedBy: 'openai-compatible', missing });
