import { problemResponse } from '~/http/problem-response.server.ts';
import { assertSidecarReady } from '~/sidecar-client/sidecar.server.ts';

/** `GET /readyz`: 200 if this process and its sidecar can take requests; otherwise a problem with status 502 or 503. */
export async function loader(): Promise<Response> {
  try {
    await assertSidecarReady();
    return Response.json({ status: 'ready' }, { headers: { 'cache-control': 'no-store' } });
  } catch (error) {
    return problemResponse(error);
  }
}
