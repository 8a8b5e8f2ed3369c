import { problemResponse } from '~/http/errors/problem-response.server.ts';
import { assertSidecarReady } from '~/sidecar-client/sidecar.server.ts';

/** `GET /readyz`: 200 if this process and its sidecar can take requests. Otherwise 502, or 503 with the sidecar's reason. */
export async function loader(): Promise<Response> {
  try {
    await assertSidecarReady();
    return Response.json({ status: 'ready' }, { headers: { 'cache-control': 'no-store' } });
  } catch (error) {
    return problemResponse(error);
  }
}
