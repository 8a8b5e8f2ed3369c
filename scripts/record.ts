import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inRoot } from './shared/paths.ts';

const USAGE = `Records how a model server answers, for the tests in sidecar/models.

  npm run record -- --base-url http://127.0.0.1:11434/v1 --model llama3.2 --name my-ollama
  npm run record -- --protocol gemini --base-url https://…/v1beta --model gemini-3.5-flash --name my-gemini

  --prompt "…"   the question (default: one sentence about honey)
  --tools        offers the tool current_time
  --key KEY      sent as the API key; also read from RECORD_API_KEY
  --server NAME  the server's name, for the test's title

The bytes of the answer are written to sidecar/models/recordings/<name>.json. Look at them before you commit them: they
hold what the model said, and whatever the server writes about itself. The key is not in them.`;

const TOOL = {
  name: 'current_time',
  description: 'Tells the time at a place.',
  parameters: { type: 'object', properties: { place: { type: 'string' } }, required: ['place'] },
};

const { values } = parseArgs({
  options: {
    'base-url': { type: 'string' },
    model: { type: 'string' },
    name: { type: 'string' },
    protocol: { type: 'string', default: 'openai' },
    prompt: { type: 'string', default: 'In one sentence: why does honey keep for years?' },
    tools: { type: 'boolean', default: false },
    key: { type: 'string', default: process.env.RECORD_API_KEY ?? '' },
    server: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const { 'base-url': baseUrl, model, name, protocol, prompt, tools, key } = values;

if (
  values.help ||
  !baseUrl ||
  !model ||
  !name ||
  !/^[\w-]{1,60}$/.test(name) ||
  !['openai', 'gemini'].includes(protocol)
) {
  console.log(USAGE);
  process.exit(values.help ? 0 : 64);
}

const isGemini = protocol === 'gemini';
const url = isGemini ? `${baseUrl}/models/${model}:streamGenerateContent?alt=sse` : `${baseUrl}/chat/completions`;
const auth: Record<string, string> = !key
  ? {}
  : isGemini
    ? { 'x-goog-api-key': key }
    : { authorization: `Bearer ${key}` };
const body = isGemini
  ? {
      contents: [{ role: 'user', parts: [{ text: prompt }] }],
      ...(tools ? { tools: [{ functionDeclarations: [TOOL] }] } : {}),
    }
  : {
      model,
      stream: true,
      messages: [{ role: 'user', content: prompt }],
      ...(tools ? { tools: [{ type: 'function', function: TOOL }] } : {}),
    };
const response = await fetch(url, {
  method: 'POST',
  headers: { 'content-type': 'application/json', 'accept-encoding': 'gzip', ...auth },
  body: JSON.stringify(body),
}).catch((error: unknown) => {
  console.error(`${url} cannot be reached: ${error instanceof Error ? error.message : 'unknown'}`);
  process.exit(1);
});
const text = await response.text();
const { replay } = await import('../sidecar/models/wire/testing/replay.ts');
const replayed = await replay(isGemini ? 'gemini' : 'openai', [Buffer.from(text)]);
const recording = {
  recorded: true,
  server: values.server ?? name,
  protocol,
  status: response.status,
  contentType: response.headers.get('content-type') ?? '',
  text: replayed.text,
  body: text,
};
mkdirSync(inRoot('sidecar/models/recordings'), { recursive: true });
const file = inRoot('sidecar/models/recordings', `${name}.json`);
writeFileSync(file, `${JSON.stringify(recording, null, 2)}\n`);
console.log(`${file}: status ${response.status}, ${text.length} characters.`);
console.log(
  replayed.failure ? `Read as a failure: ${replayed.failure.message}` : `Read as: ${JSON.stringify(replayed.text)}`,
);
