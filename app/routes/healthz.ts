/** `GET /healthz`: 200 as long as this process answers. */
export const loader = () => Response.json({ status: 'ok' }, { headers: { 'cache-control': 'no-store' } });
