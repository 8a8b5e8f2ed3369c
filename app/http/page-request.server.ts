import { type ActionFunctionArgs, type LoaderFunctionArgs, data, redirect } from '@remix-run/node';
import { ERRORS, RejoinError, toProblem } from '../../shared/errors.ts';
import { assertSameOrigin, cookiesOf, lapsedSessionOf, requireUser, type User } from '~/auth/auth.server.ts';
import { keepText } from './forms/kept-text.server.ts';
import { problemText } from '~/hooks/stream-error.ts';
import { DIALOG } from './dialog-url.ts';
import { pageError } from './errors/page-error.server.ts';
import { readForm } from './forms/read-form.server.ts';

/**
 * Wraps a page's loader: identifies the person, and converts errors to an error page. If a dialog requests the data
 * (`dialogUrl`) and the chat is gone, the result is `null`, because an error would replace the page behind the dialog.
 */
export async function pageLoader<T>(args: LoaderFunctionArgs, load: (user: User) => Promise<T>): Promise<T> {
  try {
    return await load(await requireUser(args));
  } catch (error) {
    if (isForDialog(args.request) && isNotFound(error)) return null as T;
    throw pageError(error);
  }
}

const isForDialog = (request: Request): boolean => new URL(request.url).searchParams.has(DIALOG);

const isNotFound = (error: unknown): boolean => error instanceof RejoinError && error.code === 'not_found';

/** The response to a refused form: the reason, and the text of the form, so that the text is not lost. */
export interface FormProblem {
  code: string;
  message: string;
  text: string;
}

/** Answers a successful form with a redirect to `path`. `keeps`: a text that the page at `path` gets from `keptText`. */
type Done = (path: string, keeps?: string) => Response;

/**
 * Performs a form's action, and returns the response of `perform`, usually the redirect that `done` makes. If the action is
 * refused, the page is shown again with the reason and the form's text. After `not_found`, the error page is shown instead, unless
 * a dialog sent the form. If the session has expired, `keepText` keeps the form's text until the person has signed in again.
 */
export async function pageAction(
  args: ActionFunctionArgs,
  perform: (call: { user: User; form: FormData; done: Done }) => Promise<Response>,
) {
  let form: FormData | null = null;
  const typed = () => String(form?.get('text') ?? '');
  try {
    // The origin is checked first, so that the body of a request from another site is not read.
    assertSameOrigin(args.request);
    const user = await requireUser(args);
    form = await readForm(args.request);
    const cookies = cookiesOf(user).map((cookie): [string, string] => ['set-cookie', cookie]);
    const done: Done = (target, keeps = '') => {
      if (keeps === '') return redirect(target, { status: 303, headers: cookies });
      const { address } = lapsedSessionOf(args.request);
      const { path, cookie } = keepText({ path: target, text: keeps, address, person: user.userId });
      return redirect(path, { status: 303, headers: [...cookies, ['set-cookie', cookie]] });
    };
    return await perform({ user, form, done });
  } catch (error) {
    if (!(error instanceof RejoinError)) throw error;
    if (error.code === 'unauthorized') {
      form = await readForm(args.request).catch(() => null);
      const { pathname } = new URL(args.request.url);
      const { path, cookie } = keepText({ path: pathname, text: typed(), ...lapsedSessionOf(args.request) });
      return redirect(path, { status: 303, headers: { 'set-cookie': cookie } });
    }
    if (error.code === 'not_found' && !isForDialog(args.request)) throw pageError(error);
    const problem: FormProblem = { code: error.code, message: problemText(toProblem(error)), text: typed() };
    return data(problem, { status: ERRORS[error.code].status });
  }
}
