import { localPath } from './local-path.server.ts';
import { readForm } from './read-form.server.ts';

/** The path of this app in a form's field `returnTo`, to which the browser goes back; `null` if the request is not a form. */
export async function formReturnPath(request: Request): Promise<string | null> {
  if (!request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded')) return null;
  return localPath((await readForm(request)).get('returnTo'));
}
