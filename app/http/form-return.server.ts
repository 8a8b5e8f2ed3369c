import { localPath } from './local-path.server.ts';
import { readForm } from './read-form.server.ts';

/** The path of this app that a form wants to go back to (its field `returnTo`); `null` when the request is not a form. */
export async function formReturnPath(request: Request): Promise<string | null> {
  if (!request.headers.get('content-type')?.startsWith('application/x-www-form-urlencoded')) return null;
  return localPath((await readForm(request)).get('returnTo'));
}
