/**
 * The server that T11 compares the sidecar with. Both call `streamText` of the AI SDK. This server writes the UI message stream to
 * one reader and stores nothing.
 */
import { createGoogle } from '@ai-sdk/google';
import { streamText, toUIMessageStream } from 'ai';
import { EVENT_STREAM_HEAD, serve } from './contract.ts';

const google = createGoogle({ apiKey: 'bench', baseURL: process.env.GOOGLE_BASE_URL! });
const answers = new Map<string, ReadableStreamDefaultReader<unknown>>();

serve({
  create({ params }) {
    const id = String(answers.size);
    const { stream } = streamText({
      model: google('gemini-3.5-flash'),
      messages: [{ role: 'user', content: JSON.stringify(params) }],
    });
    answers.set(id, toUIMessageStream({ stream }).getReader() as ReadableStreamDefaultReader<unknown>);
    return id;
  },
  async events(id, _request, response) {
    const reader = answers.get(id);
    if (!reader) return response.writeHead(404).end();
    response.writeHead(200, EVENT_STREAM_HEAD);
    response.flushHeaders();
    for (let event = 0; ; event++) {
      const { done, value } = await reader.read();
      if (done) break;
      response.write(`id: ${event}\ndata: ${JSON.stringify(value)}\n\n`);
    }
    response.end();
  },
});
