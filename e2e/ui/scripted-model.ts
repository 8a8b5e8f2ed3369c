import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pause } from '../../scripts/shared/wait.ts';

/** A model server with OpenAI's protocol. The test writes the answers, piece by piece. */
export interface ScriptedModel {
  /** Value for `OPENAI_COMPATIBLE_BASE_URL`. */
  url: string;
  /**
   * Waits for a request that ends with this question. Returns its answer, which the test writes. If a question is asked several
   * times, each call returns the answer to another request. Throws if the question does not come within 15 s.
   */
  asked(question: string): Promise<ScriptedAnswer>;
  /** Refuses the next request that ends with this question, as a provider does: with a status and a JSON body. */
  refuse(question: string, refusal: Refusal): void;
  stop(): Promise<void>;
}

export interface Refusal {
  status: number;
  body: unknown;
}

export interface ScriptedAnswer {
  /** The messages of the request. */
  readonly messages: readonly { role: string; content: unknown }[];
  /** True once the caller has closed the connection before the end of the answer. */
  readonly isAborted: boolean;
  write(text: string): void;
  think(text: string): void;
  /** Writes a text in pieces at this speed. Resolves after the last piece, or once {@link isAborted} is true. */
  pour(text: string, options: { piecesPerSecond: number; pieceChars?: number }): Promise<void>;
  end(): void;
  /** Ends the answer with the reason `length`, as a model does at its output limit. */
  cutOff(): void;
  /** Writes the whole answer in one piece. */
  reply(text: string): void;
  /** Breaks the connection in the middle of the answer. */
  fail(): void;
}

/** The model's name. The app offers it as `local/scripted`. */
export const SCRIPTED = 'scripted';

const ASKED_WITHIN_MS = 15_000;

export async function startScriptedModel(): Promise<ScriptedModel> {
  /** Requests that `asked` has not returned yet. */
  const open: { question: string; answer: ScriptedAnswer }[] = [];
  const refusals = new Map<string, Refusal>();
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => (body += text));
    request.on('end', () => {
      const { messages } = JSON.parse(body) as { messages: ScriptedAnswer['messages'] };
      const question = textOf(messages.findLast(({ role }) => role === 'user')?.content);
      const refusal = refusals.get(question);
      if (refusal) {
        refusals.delete(question);
        response.writeHead(refusal.status, { 'content-type': 'application/json' });
        return response.end(JSON.stringify(refusal.body));
      }
      response.writeHead(200, { 'content-type': 'text/event-stream' });
      open.push({ question, answer: answerTo(response, messages) });
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    async asked(question) {
      for (const deadline = Date.now() + ASKED_WITHIN_MS; Date.now() < deadline; await pause(5)) {
        const index = open.findIndex((request) => isAsked(request.question, question));
        if (index >= 0) return open.splice(index, 1)[0]!.answer;
      }
      throw new Error(
        `The model was not asked “${question}”, but ${JSON.stringify(open.map((request) => request.question))}.`,
      );
    },
    refuse: (question, refusal) => void refusals.set(question, refusal),
    async stop() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}

/** In a chat with several people, the model gets `[Person 1: Ann] ` before each question. */
const isAsked = (sent: string, question: string): boolean =>
  sent === question || (sent.startsWith('[Person ') && sent.endsWith(`] ${question}`));

function answerTo(response: ServerResponse, messages: ScriptedAnswer['messages']): ScriptedAnswer {
  let isAborted = false;
  response.on('close', () => (isAborted = !response.writableEnded));
  const send = (delta: Record<string, unknown>, finishReason: string | null = null) => {
    const choice = { index: 0, delta, finish_reason: finishReason };
    const chunk = { id: 'c', object: 'chat.completion.chunk', created: 0, model: SCRIPTED, choices: [choice] };
    if (!isAborted) response.write(`data: ${JSON.stringify(chunk)}\n\n`);
  };
  const write = (text: string) => send({ content: text });
  const endBecause = (finishReason: string) => {
    send({}, finishReason);
    response.end('data: [DONE]\n\n');
  };
  const end = () => endBecause('stop');
  return {
    messages,
    get isAborted() {
      return isAborted;
    },
    write,
    think: (text) => send({ reasoning_content: text }),
    async pour(text, { piecesPerSecond, pieceChars = 5 }) {
      const startedAt = performance.now();
      for (let at = 0, count = 0; at < text.length && !isAborted; at += pieceChars, count += 1) {
        const early = (count / piecesPerSecond) * 1000 - (performance.now() - startedAt);
        if (early > 2) await pause(early);
        write(text.slice(at, at + pieceChars));
      }
    },
    end,
    cutOff: () => endBecause('length'),
    reply(text) {
      write(text);
      end();
    },
    // The connection is reset only after the text so far was sent. If no text arrived, the sidecar would repeat the call.
    fail: () => void response.write('\n', () => response.socket?.destroy()),
  };
}

function textOf(content: unknown): string {
  if (typeof content === 'string') return content;
  const parts = Array.isArray(content) ? (content as { text?: string }[]) : [];
  return parts.map(({ text }) => text ?? '').join('');
}
