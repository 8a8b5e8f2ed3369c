import { pause } from '../../scripts/shared/wait.ts';
import { startProviderServer, writeError, type ProviderServer } from '../../sidecar/models/testing/provider-server.ts';

/** The names of the models. Each name says how the model answers. All models send the canary word. */
export type CanaryModel =
  'answers' | 'goes-on' | 'fails-at-once' | 'fails-in-the-middle' | 'breaks-off' | 'falls-silent';

/** A model server that puts the canary word into texts, thoughts and errors, and the request into errors. */
export function startCanaryModel({ canary }: { canary: string }): Promise<ProviderServer> {
  return startProviderServer(async (response, body) => {
    const prompt = JSON.stringify(body);
    const say = (content: string, finish_reason: string | null = null) =>
      response.write(
        `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { role: 'assistant', content, reasoning_content: canary }, finish_reason }] })}\n\n`,
      );
    const model = body.model as CanaryModel;
    if (model === 'fails-at-once') return writeError(response, 422, { error: { message: `No: ${prompt} ${canary}` } });
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    for (let i = 0; i < 4; i++) say(`${canary} ${i} `);
    switch (model) {
      case 'answers':
        say('.', 'stop');
        return void response.end('data: [DONE]\n\n');
      case 'fails-in-the-middle':
        response.write(`data: ${JSON.stringify({ error: { message: `${canary}: ${prompt}`, code: canary } })}\n\n`);
        return void response.end();
      case 'breaks-off':
        return void response.destroy();
      case 'falls-silent':
        return;
      case 'goes-on':
        for (let i = 0; !response.destroyed && i < 2000; i++) {
          say(`${canary} `);
          await pause(20);
        }
    }
  });
}
