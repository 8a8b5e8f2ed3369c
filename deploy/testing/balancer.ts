import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../scripts/launch/ports.ts';
import { answersHttp } from '../../scripts/shared/wait.ts';
import { installedNginx } from '../../scripts/test/installed-nginx.ts';
import { startProcess } from '../../testing/process.ts';

export interface Balancer {
  url: string;
  stop(): Promise<void>;
}

/** Starts nginx with this configuration in front of two sidecars. Only addresses and folders are replaced in it. */
export async function startBalancer(text: string, sidecars: readonly { url: string }[]): Promise<Balancer> {
  const nginx = installedNginx();
  if (nginx === null) throw new Error('This needs nginx: `npm run setup`.');
  const [port, unused, folder] = [await freePort(), await freePort(), mkdtempSync(join(tmpdir(), 'rejoin-nginx-'))];
  const ports = sidecars.map(({ url }) => new URL(url).port);
  const config = text
    .replaceAll(
      /server (?:sidecar-|127\.0\.0\.1:400)([12])(?::4000)?( resolve)?/g,
      (_, n) => `server 127.0.0.1:${ports[Number(n) - 1]}`,
    )
    .replace(/server app:3000 resolve/, `server 127.0.0.1:${unused}`)
    .replace('listen 8080;', `listen 127.0.0.1:${unused};`)
    .replace(/listen (?:127\.0\.0\.1:)?4000;/, `listen 127.0.0.1:${port};`)
    .replaceAll('/tmp/', `${folder}/`);
  writeFileSync(join(folder, 'nginx.conf'), config);
  const url = `http://127.0.0.1:${port}`;
  const running = await startProcess({
    name: 'nginx',
    command: nginx,
    args: ['-c', join(folder, 'nginx.conf'), '-e', 'stderr', '-g', 'daemon off;'],
    ready: () => answersHttp(`${url}/healthz`),
  });
  return {
    url,
    async stop() {
      await running.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
