import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { RejoinError } from '../../shared/errors.ts';
import { assertSameOrigin, cookiesOf, isNewcomer, requireApiUser, type User } from '~/auth/auth.server.ts';
import { currentExchange } from '~/process/exchange.server.ts';
import { problemResponse } from './errors/problem-response.server.ts';
import { withWholeBody } from './whole-body.server.ts';

export interface ApiCall {
  request: Request;
  user: User;
  /** A parameter of the route's path. */
  param: (name: string) => string;
}
type Handler = (call: ApiCall) => Promise<Response>;
type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * Makes a resource route of the API from one handler per method. Other methods get 405, requests from other sites are refused,
 * the caller is identified, and every thrown error becomes a problem response.
 *
 * `begins`: a `POST` without a session makes the caller a guest. `forNewcomers`: the response for a caller without a
 * session who could become a guest, instead of 401.
 */
export function apiRoute(
  methods: Partial<Record<Method, Handler>>,
  { begins = false, forNewcomers }: { begins?: boolean; forNewcomers?: () => Response } = {},
) {
  async function answer(args: LoaderFunctionArgs | ActionFunctionArgs): Promise<Response> {
    const { request, params } = args;
    const asked = request.method === 'HEAD' ? 'GET' : request.method;
    const handler = Object.hasOwn(methods, asked) ? methods[asked as Method] : undefined;
    if (!handler) return methodNotAllowed(Object.keys(methods));
    assertSameOrigin(request);
    const user = await requireApiUser(args, { mayBegin: begins && asked === 'POST' }).catch((error: unknown) => {
      if (forNewcomers && isNewcomer(error)) return null;
      throw error;
    });
    if (user === null) return forNewcomers!();
    // The body is read even if the handler ignores it, so that a request whose body breaks off is refused.
    const whole = asked === 'GET' ? request : await withWholeBody(request);
    const response = await handler({ request: whole, user, param: (name) => params[name] ?? '' });
    for (const cookie of cookiesOf(user)) response.headers.append('set-cookie', cookie);
    return response;
  }

  async function answerOrProblem(args: LoaderFunctionArgs | ActionFunctionArgs): Promise<Response> {
    const response = await answer(args).catch((error: unknown) =>
      error instanceof Response ? error : problemResponse(error),
    );
    const requestId = currentExchange()?.requestId;
    if (requestId) response.headers.set('x-request-id', requestId);
    if (!response.headers.has('cache-control')) response.headers.set('cache-control', 'no-store');
    // A model's output is text, even if its first bytes look like another type to a browser.
    response.headers.set('x-content-type-options', 'nosniff');
    return response;
  }

  return { loader: answerOrProblem, action: answerOrProblem };
}

function methodNotAllowed(methods: string[]): Response {
  const allow = methods.includes('GET') ? ['HEAD', ...methods] : methods;
  const response = problemResponse(
    new RejoinError('method_not_allowed', { detail: `This URL accepts ${allow.join(', ')}.` }),
  );
  response.headers.set('allow', allow.join(', '));
  return response;
}
