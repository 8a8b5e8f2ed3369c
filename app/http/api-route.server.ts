import type { ActionFunctionArgs, LoaderFunctionArgs } from '@remix-run/node';
import { RejoinError } from '../../shared/errors.ts';
import { assertSameOrigin, cookiesOf, isNewcomer, requireApiUser, type User } from '~/auth/auth.server.ts';
import { currentExchange } from '~/process/exchange.server.ts';
import { problemResponse } from './problem-response.server.ts';
import { withWholeBody } from './whole-body.server.ts';

export interface ApiCall {
  request: Request;
  user: User;
  /** A parameter of the route's path. */
  param: (name: string) => string;
}
type Handler = (call: ApiCall) => Promise<Response>;
type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/**
 * A resource route of the API from its methods. Around each: other methods are 405, other sites are refused, the caller
 * is known, and whatever is thrown is answered as a problem.
 *
 * `begins`: a `POST` by a caller without a session makes the caller a guest. `forNewcomers`: what a caller gets who has no
 * session and could become a guest, instead of 401.
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
    // Also where a handler does not look at the body: what is announced with it has to have come.
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
    // What a model wrote is text, whatever a browser makes of its first bytes.
    response.headers.set('x-content-type-options', 'nosniff');
    return response;
  }

  return { loader: answerOrProblem, action: answerOrProblem };
}

function methodNotAllowed(methods: string[]): Response {
  const allow = methods.includes('GET') ? ['HEAD', ...methods] : methods;
  const response = problemResponse(new RejoinError('method_not_allowed', { detail: `It takes ${allow.join(', ')}.` }));
  response.headers.set('allow', allow.join(', '));
  return response;
}
