import type { Config } from '../../sidecar/config.ts';
import type { Finding } from './finding.ts';

const GOOGLE = 'https://generativelanguage.googleapis.com/v1beta';
const ANSWER_MS = 5000;

/** Asks each configured model service for its list of models, which costs nothing and needs the key. Never rejects. */
export async function examineModels(models: Config['models']): Promise<Finding[]> {
  const looks: Promise<Finding>[] = [];
  if (models.googleApiKey)
    looks.push(
      ask({
        subject: 'Gemini',
        keySetting: 'GOOGLE_GENERATIVE_AI_API_KEY',
        addressSetting: 'GOOGLE_BASE_URL',
        url: `${models.googleBaseUrl ?? GOOGLE}/models?pageSize=1`,
        headers: { 'x-goog-api-key': models.googleApiKey },
      }),
    );
  if (models.openaiCompatibleBaseUrl)
    looks.push(
      ask({
        subject: 'Local models',
        keySetting: 'OPENAI_COMPATIBLE_API_KEY',
        addressSetting: 'OPENAI_COMPATIBLE_BASE_URL',
        url: `${models.openaiCompatibleBaseUrl}/models`,
        headers: models.openaiCompatibleApiKey ? { authorization: `Bearer ${models.openaiCompatibleApiKey}` } : {},
      }),
    );
  if (looks.length > 0) return Promise.all(looks);
  const advice = 'Set GOOGLE_GENERATIVE_AI_API_KEY, or OPENAI_COMPATIBLE_BASE_URL, in .env.';
  return [{ level: 'note', subject: 'Models', found: 'no key is set: the built-in demo answers', advice }];
}

interface Question {
  subject: string;
  keySetting: string;
  addressSetting: string;
  url: string;
  headers: Record<string, string>;
}

async function ask({ subject, keySetting, addressSetting, url, headers }: Question): Promise<Finding> {
  const { host } = new URL(url);
  try {
    const { ok, status } = await fetch(url, { headers, signal: AbortSignal.timeout(ANSWER_MS) });
    if (ok) return { level: 'ok', subject, found: `${host} answers` };
    // Google answers 400 to an invalid key.
    return [400, 401, 403].includes(status)
      ? { level: 'fail', subject, found: `${host} refuses the key (HTTP ${status})`, advice: `Correct ${keySetting}.` }
      : { level: 'warn', subject, found: `${host} answers HTTP ${status}`, advice: `Is ${addressSetting} right?` };
  } catch {
    const advice = `Is ${addressSetting} right, and does this machine reach it?`;
    return { level: 'fail', subject, found: `${host} cannot be reached`, advice };
  }
}
