import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installedNginx } from '../../scripts/test/installed-nginx.ts';
import { freePort } from '../../scripts/launch/ports.ts';
import { startProcess } from '../../testing/process.ts';
import { answersHttp } from '../../scripts/shared/wait.ts';

/** One nginx in front of the app. It runs two servers, each with its own URL. */
export interface Nginx {
  /** The server with the settings that docs/troubleshooting.md asks for: HTTP/1.1 to the app, nothing buffered. */
  tuned: string;
  /**
   * The server with only `proxy_pass` and nginx's defaults: HTTP/1.0 to the app. In HTTP/1.0, the body of a stream ends when the
   * connection ends.
   */
  untuned: string;
  stop(): Promise<void>;
}

/** All files that nginx writes are in a temporary folder. */
export async function startNginx({ target }: { target: string }): Promise<Nginx> {
  const command = installedNginx();
  if (!command) throw new Error('The tests need nginx: `sudo apt-get install nginx-light`, or `brew install nginx`.');
  const [tunedPort, untunedPort] = [await freePort(), await freePort()];
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-nginx-'));
  const file = join(folder, 'nginx.conf');
  writeFileSync(file, configuration({ folder, target, tunedPort, untunedPort }));
  const untuned = `http://127.0.0.1:${untunedPort}`;
  const server = await startProcess({
    name: 'nginx',
    command,
    args: ['-p', folder, '-c', file, '-e', 'stderr'],
    ready: () => answersHttp(`${untuned}/healthz`),
  });
  return {
    tuned: `http://127.0.0.1:${tunedPort}`,
    untuned,
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Configuration {
  folder: string;
  target: string;
  tunedPort: number;
  untunedPort: number;
}

const configuration = ({ folder, target, tunedPort, untunedPort }: Configuration): string => `
daemon off;
master_process off; # There is only one process, so one signal stops nginx. Worker processes would need a user to run as.
pid ${folder}/nginx.pid;
error_log stderr error;
events {}
http {
  access_log off;
  ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map((kind) => `${kind}_temp_path ${folder}/${kind};`).join('\n  ')}
  server {
    listen 127.0.0.1:${tunedPort};
    location / {
      proxy_pass ${target};
      proxy_set_header Host $http_host;
      proxy_http_version 1.1;
      proxy_buffering off;
    }
  }
  server {
    listen 127.0.0.1:${untunedPort};
    location / {
      proxy_pass ${target};
      proxy_http_version 1.0; # The default of all versions but the newest.
    }
  }
}
`;
