import { localPath } from '../local-path.server.ts';
import { readForm } from './read-form.server.ts';

/** The path in a form's field `returnTo`, or `/` if the field has no path of this app; `null` if the request is not a form. */
export async function formReturnPath(request: Request): Promise<string | null> {
  if (!request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded')) return null;
  return localPath((await readForm(request)).get('returnTo'));
}
