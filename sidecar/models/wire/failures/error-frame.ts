import { isRecord, listOf, own, recordIn, stringIn, type JsonRecord } from '../body/json.ts';

const ERROR_FIELDS = ['error', 'errors', 'Error'];

/**
 * The failure that a document reports, or `undefined` if it reports none. `{"error": null}`, as some servers send with
 * every frame, is none.
 *
 *     {"error": "llama runner process has terminated"}
 *     {"error": {"message": "…", "code": "…"}}      {"errors": [{"message": "…"}]}
 *     {"object": "error", "message": "…"}           {"type": "error", "error": {…}}
 *     {"detail": "…"}                               {"code": "InvalidParameter", "message": "…"}
 */
export function errorIn(document: JsonRecord, event: string | undefined): unknown {
  for (const name of ERROR_FIELDS) if (isFailure(own(document, name))) return document;
  const choices = listOf(own(document, 'choices'));
  const hasAnswer = choices.length > 0 || listOf(own(document, 'candidates')).length > 0;
  const groq = recordIn(document, 'x_groq');
  if (groq && isFailure(own(groq, 'error'))) return { error: own(groq, 'error') };
  for (const choice of choices) {
    if (isRecord(choice) && isFailure(own(choice, 'error'))) return { error: own(choice, 'error') };
  }
  if (hasAnswer) return undefined;
  if (own(document, 'object') === 'error' || own(document, 'type') === 'error' || event === 'error') return document;
  if (own(document, 'success') === false || own(document, 'status') === 'error') return document;
  const message = stringIn(document, 'message') ?? stringIn(document, 'msg') ?? own(document, 'detail');
  const code = own(document, 'code') ?? own(document, 'status') ?? own(document, 'error_code');
  const isNamed = (typeof code === 'string' && code !== '') || (typeof code === 'number' && code >= 400);
  const isDetail = own(document, 'detail') != null;
  return message != null && (isNamed || isDetail) ? document : undefined;
}

const isFailure = (error: unknown): boolean =>
  (typeof error === 'string' && error !== '' && error !== 'null') ||
  error === true ||
  (Array.isArray(error) ? error.length > 0 : isRecord(error) && Object.keys(error).length > 0);
