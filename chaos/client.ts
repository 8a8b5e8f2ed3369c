import { request as httpRequest, type IncomingMessage } from 'node:http';
import { pause } from '../scripts/shared/wait.ts';
import { token } from '../testing/tokens.ts';
import type { Random } from './random.ts';

export interface Answer {
  status: number;
  headers: IncomingMessage['headers'];
  body: string;
}

/** A response that may have taken several tries. An earlier try that got no response may still be carried out. */
export interface Asked extends Answer {
  tries: number;
}

export interface Call {
  method?: 'GET' | 'POST' | 'PATCH' | 'DELETE';
  path: string;
  headers?: Record<string, string>;
  body?: unknown;
}

/** A frozen sidecar still accepts connections, so a call without a response is given up after this time. */
const ANSWERED_WITHIN_MS = 6000;
const DAY_S = 24 * 3600;
const RETRY_MS = 150;
/** These statuses mean that Redis is away, that the sidecar is restarting, or that the load balancer found no running sidecar. */
const UNAVAILABLE = [502, 503, 504];

/** One person's access to the sidecars. */
export interface Client {
  userId: string;
  headers: Record<string, string>;
  /**
   * Asks random sidecars until one answers. Rejects after `withinMs`. `passing`: one more status after which to ask
   * again, besides 502, 503 and 504.
   */
  ask(call: Call, options: { random: Random; withinMs: number; passing?: number }): Promise<Asked>;
  /** Asks one random sidecar once. `null` if it is not known whether the call was carried out. */
  askOnce(call: Call, random: Random): Promise<Answer | null>;
  anyUrl(random: Random): string;
}

export async function createClient(userId: string, doors: readonly { url: string }[]): Promise<Client> {
  const headers = { authorization: `Bearer ${await token({ userId, expiresInSeconds: DAY_S })}` };
  const anyUrl = (random: Random) => random.pick(doors).url;
  return {
    userId,
    headers,
    anyUrl,
    async ask(call, { random, withinMs, passing }) {
      const until = Date.now() + withinMs;
      let last = 'nothing was tried';
      for (let tries = 1; Date.now() < until; tries++) {
        try {
          const answer = await send(anyUrl(random), { ...call, headers: { ...headers, ...call.headers } });
          if (!UNAVAILABLE.includes(answer.status) && answer.status !== passing) return { ...answer, tries };
          last = `${answer.status} ${answer.body}`;
        } catch (error) {
          last = error instanceof Error ? error.message : String(error);
        }
        await pause(RETRY_MS);
      }
      throw new Error(`${call.method ?? 'GET'} ${call.path} had no usable response in ${withinMs} ms; last: ${last}`);
    },
    async askOnce(call, random) {
      const sent = send(anyUrl(random), { ...call, headers: { ...headers, ...call.headers } });
      const answer = await sent.catch(() => null);
      return answer === null || UNAVAILABLE.includes(answer.status) ? null : answer;
    },
  };
}

/** Makes one call to one sidecar. Rejects if the response is not complete after 6 s, or if the connection breaks before that. */
export function send(url: string, { method = 'GET', path, headers, body }: Call): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(`${url}${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      agent: false,
    });
    const timer = setTimeout(() => request.destroy(new Error('no response')), ANSWERED_WITHIN_MS);
    request.on('close', () => clearTimeout(timer));
    request.on('error', reject);
    request.on('response', (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (part: string) => (text += part));
      response.on('error', reject);
      response.on('close', () => reject(new Error('cut inside the response')));
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body: text }));
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
  });
}
