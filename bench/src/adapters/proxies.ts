/** Proxies between the sidecar and the reader: the built Remix app (`npm run build`), and a bare `fetch` proxy. */
import { existsSync } from 'node:fs';
import { freePort, start, startServer, stop } from '../processes.ts';
import { serverScript } from './contract.ts';
import { checkout, launchSidecar, ready, rejoin, SIDECAR_ENV } from './rejoin.ts';
import type { Adapter, Deployment, LaunchContext } from './types.ts';

interface Proxy {
  url: string;
  pid: number;
  stop(): Promise<void>;
}

function behind(launchProxy: (sidecarUrl: string, cpu: string | undefined) => Promise<Proxy>) {
  return async ({ redisUrl, serverCpu, otherCpu }: LaunchContext): Promise<Deployment> => {
    const sidecar = await launchSidecar(redisUrl, otherCpu);
    const proxy = await launchProxy(sidecar.url, serverCpu);
    return {
      startUrl: sidecar.url,
      readUrl: proxy.url,
      serverPids: [proxy.pid],
      appPids: [sidecar.pid],
      openUpstreams: () => sidecar.openReaders(),
      stop: async () => void (await Promise.all([proxy.stop(), sidecar.stop()])),
    };
  };
}

async function launchApp(sidecarUrl: string, cpu: string | undefined): Promise<Proxy> {
  const server = checkout('build/server/index.js');
  if (!existsSync(server)) throw new Error('the app is not built: npm run build');
  const port = await freePort();
  const child = start(
    process.execPath,
    [checkout('app/process/serve.ts')],
    {
      NODE_ENV: 'production',
      LOG_LEVEL: 'warn',
      HOST: '127.0.0.1',
      PORT: String(port),
      SIDECAR_URL: sidecarUrl,
      SIDECAR_SECRET: SIDECAR_ENV.SIDECAR_SECRET,
      SESSION_SECRET: SIDECAR_ENV.SIDECAR_SECRET,
    },
    cpu,
  );
  child.stdout!.resume();
  const url = `http://127.0.0.1:${port}`;
  await ready(url);
  return { url, pid: child.pid!, stop: () => stop(child) };
}

async function launchFetchProxy(sidecarUrl: string, cpu: string | undefined): Promise<Proxy> {
  const { url, pid, child } = await startServer(serverScript('fetch-proxy.ts'), { SIDECAR_URL: sidecarUrl }, cpu);
  return { url, pid, stop: () => stop(child) };
}

/** Readers use the app's resource route. They send the token that the sidecar expects, which the app in guest mode accepts, too. */
export const app: Adapter = {
  ...rejoin,
  name: 'rejoin/app',
  tests: ['t10'],
  launch: behind(launchApp),
  request(deployment, personAndStream, reader) {
    const { headers } = rejoin.request(deployment, personAndStream, reader);
    return { method: 'GET', path: `/api/stream/resume/${personAndStream.split('/')[1]!}`, headers };
  },
};

export const fetchProxy: Adapter = {
  ...rejoin,
  name: 'proxy/fetch',
  tests: ['t10'],
  launch: behind(launchFetchProxy),
};
