import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import https from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { freePort } from '../../scripts/launch/ports.ts';
import { inRoot } from '../../scripts/shared/paths.ts';
import { answersHttp } from '../../scripts/shared/wait.ts';
import { installedNginx } from '../../scripts/test/installed-nginx.ts';
import { makeCertificates } from '../../testing/certificates.ts';
import { startProcess } from '../../testing/process.ts';

interface Ask {
  /** The loopback address (127.x.x.x) to send from. */
  from: string;
  headers?: Record<string, string>;
  body?: unknown;
}

/** Starts nginx with deploy/nginx-tls.conf in front of the app at `url`. Only addresses, the certificate and folders are replaced. */
export async function startTlsProxy(url: string) {
  const nginx = installedNginx();
  if (nginx === null) throw new Error('The tests need nginx: `npm run setup`.');
  const dir = mkdtempSync(join(tmpdir(), 'rejoin-tls-'));
  const { ca, cert, key } = makeCertificates(dir);
  // The second port, without TLS, shows that nginx runs.
  const [port, plainPort] = [await freePort(), await freePort()];
  const config = readFileSync(inRoot('deploy/nginx-tls.conf'), 'utf8')
    .replaceAll('/tmp/rejoin', `${dir}/rejoin`)
    .replace('listen 443 ssl;', `listen 127.0.0.1:${port} ssl; listen 127.0.0.1:${plainPort};`)
    .replace('/etc/letsencrypt/live/chat.example.com/fullchain.pem', cert)
    .replace('/etc/letsencrypt/live/chat.example.com/privkey.pem', key)
    .replaceAll('http://127.0.0.1:3000', url);
  writeFileSync(join(dir, 'nginx.conf'), config);
  const running = await startProcess({
    name: 'nginx-tls',
    command: nginx,
    args: ['-c', join(dir, 'nginx.conf'), '-e', 'stderr', '-g', 'daemon off;'],
    ready: () => answersHttp(`http://127.0.0.1:${plainPort}/healthz`),
  });
  const authority = readFileSync(ca);

  async function send(method: string, path: string, { from, headers, body }: Ask): Promise<IncomingMessage> {
    const request = https.request({
      host: '127.0.0.1',
      port,
      localAddress: from,
      path,
      method,
      headers: { 'content-type': 'application/json', ...headers },
      ca: authority,
      agent: false,
    });
    request.end(body === undefined ? undefined : JSON.stringify(body));
    const [response] = (await once(request, 'response')) as [IncomingMessage];
    return response;
  }

  return {
    /**
     * Sends a request like a browser that has just opened the page: with an origin, and with the cookie of a new guest. Throws if the
     * app or nginx refuses the request.
     */
    async ask(method: string, path: string, { from, headers, body }: Ask): Promise<unknown> {
      const page = await send('GET', '/', { from, headers: { ...headers, accept: 'text/html' } });
      page.resume();
      const cookie = (page.headers['set-cookie'] ?? []).map((set) => set.split(';')[0]).join('; ');
      const origin = `https://127.0.0.1:${port}`;
      const response = await send(method, path, { from, headers: { ...headers, cookie, origin }, body });
      const answer = await text(response);
      if (response.statusCode! >= 300) throw new Error(`${response.statusCode}: ${answer}`);
      return JSON.parse(answer);
    },
    async stop() {
      await running.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
