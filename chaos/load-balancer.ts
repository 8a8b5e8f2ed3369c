import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installedNginx } from '../scripts/test/installed-nginx.ts';
import { inRoot } from '../scripts/shared/paths.ts';
import { freePort } from '../scripts/launch/ports.ts';
import { startProcess } from '../testing/process.ts';
import { answersHttp } from '../scripts/shared/wait.ts';

export interface LoadBalancer {
  url: string;
  stop(): Promise<void>;
}

/** nginx in front of the sidecars, with the configuration of the compose stack. Only addresses and paths of temporary files differ. */
export async function startLoadBalancer(sidecarPorts: readonly number[]): Promise<LoadBalancer> {
  const nginx = installedNginx();
  if (nginx === null) throw new Error('This needs nginx: `apt-get install nginx-light`, or `brew install nginx`.');
  const dir = mkdtempSync(join(tmpdir(), 'rejoin-balancer-'));
  const [port, unused] = [await freePort(), await freePort()];
  const members = sidecarPorts.map((sidecar) => `server 127.0.0.1:${sidecar} max_fails=0;`).join('\n        ');
  const text = readFileSync(inRoot('deploy/nginx.conf'), 'utf8')
    .replace(/(?:server sidecar-\d+:4000 [^\n]*\n\s*)+/, `${members}\n        `)
    .replace(/server app:3000 [^;]*;/, `server 127.0.0.1:${unused};`)
    .replace('listen 8080;', `listen 127.0.0.1:${unused};`)
    .replace('listen 4000;', `listen 127.0.0.1:${port};`)
    .replaceAll('/tmp/', `${dir}/`);
  const file = join(dir, 'nginx.conf');
  writeFileSync(file, text);
  const url = `http://127.0.0.1:${port}`;
  const running = await startProcess({
    name: 'load balancer',
    command: nginx,
    args: ['-c', file, '-e', 'stderr', '-g', 'daemon off;'],
    ready: () => answersHttp(`${url}/healthz`),
  });
  return {
    url,
    async stop() {
      await running.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}
