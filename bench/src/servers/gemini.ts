/**
 * A provider with Gemini's streaming protocol. The prompt is a `SyntheticParams` as JSON, and the answer consists of the synthetic
 * deltas that these parameters describe.
 */
import http from 'node:http';
import { syntheticPush } from '../synthetic.ts';
import type { SyntheticParams } from '../workload.ts';
import { listen, readJson } from './contract.ts';

interface GeminiRequest {
  contents: { role: string; parts: { text?: string }[] }[];
}

const event = (candidate: object, usage: object = {}): string =>
  `data: ${JSON.stringify({ candidates: [{ index: 0, ...candidate }], modelVersion: 'synthetic', ...usage })}\r\n\r\n`;
const usage = (tokens: number) => ({
  usageMetadata: { promptTokenCount: 1, candidatesTokenCount: tokens, totalTokenCount: tokens + 1 },
});

listen(
  http.createServer(async (request, response) => {
    const { contents } = await readJson<GeminiRequest>(request);
    const params = JSON.parse(
      contents
        .at(-1)!
        .parts.map(({ text }) => text ?? '')
        .join(''),
    ) as SyntheticParams;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.flushHeaders();
    syntheticPush(params, (chunk) => {
      if (response.destroyed) return;
      if (chunk.type === 'text-delta')
        response.write(event({ content: { role: 'model', parts: [{ text: chunk.delta }] } }));
      else
        response.end(
          event({ content: { role: 'model', parts: [{ text: '' }] }, finishReason: 'STOP' }, usage(params.chunks)),
        );
    });
  }),
);
