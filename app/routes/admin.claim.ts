import { redirect, type LoaderFunctionArgs } from '@remix-run/node';
import { claimAdministration } from '~/auth/auth.server.ts';
import { problemResponse } from '~/http/errors/problem-response.server.ts';

const HEADERS = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };

/** `GET /admin/claim?token=`: the link that `npm start` prints. The guest who opens it first becomes the administrator. */
export async function loader(args: LoaderFunctionArgs): Promise<Response> {
  try {
    const token = new URL(args.request.url).searchParams.get('token') ?? '';
    const response = redirect('/admin', { status: 303, headers: HEADERS });
    for (const cookie of await claimAdministration(args, token)) response.headers.append('set-cookie', cookie);
    return response;
  } catch (error) {
    return problemResponse(error);
  }
}
