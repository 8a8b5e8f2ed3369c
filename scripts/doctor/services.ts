import { modelListSchema } from '../../shared/chat/chat.ts';
import { problemSchema } from '../../shared/errors.ts';
import { unreadySchema } from '../../shared/health.ts';
import { isFreePort } from '../launch/ports.ts';
import { signSidecarToken } from '../shared/sidecar-token.ts';
import type { Finding } from './finding.ts';

const ANSWER_MS = 4000;

export interface Place {
  subject: 'App' | 'Sidecar';
  /** The name of the setting that holds the URL or port of this service. */
  setting: string;
  url: string;
  /** The address on which `npm start` starts this service; `null` if the service runs elsewhere. */
  listen: { host: string; port: number } | null;
}

/** Checks whether a service runs and is ready. If the service does not run, checks whether its port is free. Never rejects. */
export async function examineService({ subject, setting, url, listen }: Place): Promise<Finding> {
  const ready = await get(`${url}/readyz`);
  if (ready?.status === 200) return { level: 'ok', subject, found: `ready at ${url}` };
  if (ready && (await get(`${url}/healthz`))?.status === 200) {
    const { reason, advice } = why(ready.body);
    return { level: 'warn', subject, found: `runs at ${url}, but is not ready: ${reason}`, advice };
  }
  if (ready)
    return {
      level: 'fail',
      subject,
      found: `something else answers at ${url}`,
      advice: `Set ${setting} to another value, or stop the program that answers there.`,
    };
  if (listen === null)
    return {
      level: 'fail',
      subject,
      found: `no server answers at ${url}`,
      advice: `Start it there, or correct ${setting}.`,
    };
  return (await isFreePort(listen.host, listen.port))
    ? { level: 'note', subject, found: `does not run; port ${listen.port} is free`, advice: '`npm start` starts it.' }
    : {
        level: 'fail',
        subject,
        found: `does not run, and port ${listen.port} is taken`,
        advice: `Set ${setting} to another port.`,
      };
}

/** Checks whether the sidecar accepts our tokens, and whether it uses Redis. No result if the sidecar does not run. */
export async function examineSidecarSecret({ url, secret }: { url: string; secret: string }): Promise<Finding[]> {
  const token = await signSidecarToken({ secret, userId: 'operator', isAdmin: true, ttl: '1m' });
  const answer = await get(`${url}/models`, { authorization: `Bearer ${token}` });
  if (answer === null) return [];
  const subject = 'Sidecar secret';
  if (answer.status === 401) {
    const advice = 'Give app and sidecar the same SIDECAR_SECRET, and let their clocks follow NTP.';
    return [{ level: 'fail', subject, found: 'the sidecar refuses our token', advice }];
  }
  const models = modelListSchema.safeParse(answer.body);
  if (!models.success) return [];
  return [
    { level: 'ok', subject, found: 'app and sidecar use the same one' },
    ...(models.data.resumable
      ? []
      : [
          {
            level: 'warn',
            subject: 'Sidecar',
            found: 'keeps answers in its memory only',
            advice: 'Set REDIS_URL.',
          } as const,
        ]),
  ];
}

/**
 * Checks whether this machine notices when a response of the sidecar is cut off, for example because the sidecar is killed. The
 * endpoint `/cut-check` cuts off its own response. A proxy before the sidecar may make the cut look like a normal end. No result if no
 * sidecar answers.
 */
export async function examineCut(url: string): Promise<Finding[]> {
  const subject = 'Cuts';
  try {
    const response = await fetch(`${url}/cut-check`, { signal: AbortSignal.timeout(ANSWER_MS), redirect: 'manual' });
    if (response.status !== 200) {
      await response.body?.cancel();
      return [];
    }
    try {
      await response.text();
    } catch (error) {
      if (error instanceof Error && error.name === 'TimeoutError') throw error;
      return [{ level: 'ok', subject, found: 'this machine notices when an answer is cut off' }];
    }
    const advice =
      "The proxy before the sidecar hides cuts: in nginx set `proxy_http_version 1.1;` and `proxy_set_header Connection '';` where `proxy_pass` stands, as deploy/nginx-local.conf does.";
    return [{ level: 'fail', subject, found: `at ${url} an answer that is cut off looks whole`, advice }];
  } catch {
    return []; // nobody there, or too slow to tell
  }
}

async function get(
  url: string,
  headers: Record<string, string> = {},
): Promise<{ status: number; body: unknown } | null> {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_MS), redirect: 'manual' });
    return { status: response.status, body: await response.json().catch(() => null) };
  } catch {
    return null; // no server answers there
  }
}

/** The service's own explanation of why it is not ready, and what to do. */
function why(body: unknown): { reason: string; advice?: string } {
  const problem = problemSchema.safeParse(body);
  if (problem.success) {
    const { detail, title, code, remedy } = problem.data;
    return { reason: detail ?? `${title} (${code})`, advice: typeof remedy === 'string' ? remedy : undefined };
  }
  const unready = unreadySchema.safeParse(body);
  if (!unready.success) return { reason: 'it does not say why' };
  const { status, reason = status, remedy } = unready.data;
  return { reason, advice: remedy };
}
