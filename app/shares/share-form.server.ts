import { SHARE_OPTIONS, type ShareOptions } from '../../shared/chat/share-options.ts';
import { shareRequestSchema, sharePatchSchema, type SharePatch, type ShareRequest } from '../../shared/chat/shares.ts';
import { parseRequest } from '../../shared/parse-request.ts';

const DAY_SECONDS = 24 * 60 * 60;

/** An option is `false` if the form lacks it, because browsers do not send a box that is not ticked. */
const optionsIn = (form: FormData): ShareOptions =>
  Object.fromEntries(SHARE_OPTIONS.map((name) => [name, form.get(name) === '1'])) as ShareOptions;

const expiryIn = (form: FormData): { expiresIn?: number } => {
  const days = form.get('days');
  return typeof days === 'string' && days !== '' ? { expiresIn: Number(days) * DAY_SECONDS } : {};
};

export const shareRequestIn = (form: FormData): ShareRequest =>
  parseRequest(shareRequestSchema, {
    mode: form.get('mode') ?? undefined,
    leaf: form.get('leaf') || null,
    ...expiryIn(form),
    ...optionsIn(form),
  });

export const sharePatchIn = (form: FormData): SharePatch =>
  parseRequest(sharePatchSchema, { ...expiryIn(form), ...optionsIn(form) });
