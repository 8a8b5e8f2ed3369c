import { readFileSync } from 'node:fs';
import { startProviderServer, writeEvents } from '../../sidecar/models/testing/provider-server.ts';
import { pause } from '../shared/wait.ts';
import { inRoot } from '../shared/paths.ts';

/** A model server that answers with English prose of a given length, in small deltas like the tokens of a model. */
export interface ProseModel {
  /** For `OPENAI_COMPATIBLE_BASE_URL`. */
  url: string;
  /**
   * The model id to request for an answer of `chars` characters in `chunks` deltas, `everyMs` apart. The server reads the numbers
   * from the id.
   */
  modelId(answer: Answer): string;
  stop(): Promise<void>;
}

interface Answer {
  chars: number;
  chunks: number;
  /** Pause between two deltas. 0: none. */
  everyMs: number;
}

const SOURCES = ['PROTOCOL.md', 'README.md', 'docs/operate.md', 'docs/security.md', 'docs/limits.md', 'docs/soak.md'];

export async function startProseModel(): Promise<ProseModel> {
  const prose = SOURCES.map((name) => readFileSync(inRoot(name), 'utf8').replaceAll(/[^\x20-\x7e\n]/g, '')).join('');
  let begun = 0;

  /** Each answer begins at another place of the prose. */
  function nextText(chars: number): string {
    const from = (begun++ * 7919) % prose.length;
    return (prose.slice(from) + prose.repeat(Math.ceil(chars / prose.length))).slice(0, chars);
  }

  const server = await startProviderServer(async (response, { model }) => {
    const [chars, chunks, everyMs] = String(model).split('-').slice(1).map(Number) as [number, number, number];
    const text = nextText(chars);
    const endOf = (delta: number) => Math.floor((chars * delta) / chunks);
    for (let delta = 0; delta < chunks; delta++) {
      writeEvents(response, event({ delta: { content: text.slice(endOf(delta), endOf(delta + 1)) } }));
      if (everyMs > 0) await pause(everyMs);
    }
    writeEvents(response, event({ delta: {}, finish_reason: 'stop' }));
    response.end('data: [DONE]\n\n');
  });
  return {
    url: `${server.url}/v1`,
    modelId: ({ chars, chunks, everyMs }) => `local/prose-${chars}-${chunks}-${everyMs}`,
    stop: server.stop,
  };
}

const event = (choice: Record<string, unknown>) => ({
  id: 'prose',
  object: 'chat.completion.chunk',
  model: 'prose',
  choices: [{ index: 0, ...choice }],
});
