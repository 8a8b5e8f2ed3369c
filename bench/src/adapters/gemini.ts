/**
 * Two servers that call a model with Gemini's protocol over HTTP, through the AI SDK: the sidecar (`gemini`), and a server that
 * stores nothing (`aiSdk`).
 */
import { startServer, stop } from '../processes.ts';
import { contractAdapter, serverScript } from './contract.ts';
import { launchSidecar, rejoin, startStream } from './rejoin.ts';
import type { Adapter, Deployment, LaunchContext } from './types.ts';

async function withProvider(
  context: LaunchContext,
  launch: (baseUrl: string) => Promise<Deployment>,
): Promise<Deployment> {
  const provider = await startServer(serverScript('gemini.ts'), {}, context.otherCpu);
  const deployment = await launch(`${provider.url}/v1beta`);
  return {
    ...deployment,
    appPids: [provider.pid],
    stop: async () => void (await Promise.all([deployment.stop(), stop(provider.child)])),
  };
}

export const gemini: Adapter = {
  ...rejoin,
  name: 'rejoin/gemini',
  tests: ['t11'],
  launch: (context) =>
    withProvider(context, async (baseUrl) => {
      const env = { GOOGLE_BASE_URL: baseUrl, GOOGLE_GENERATIVE_AI_API_KEY: 'bench' };
      const sidecar = await launchSidecar(context.redisUrl, context.serverCpu, env);
      return {
        startUrl: sidecar.url,
        readUrl: sidecar.url,
        serverPids: [sidecar.pid],
        appPids: [],
        stop: sidecar.stop,
      };
    }),
  start: (deployment, spec) =>
    startStream(deployment, { ...spec, prompt: JSON.stringify(spec.params) }, 'gemini-3.5-flash'),
};

const bare = contractAdapter({ name: 'ai-sdk', redis: 'none', script: '' });
export const aiSdk: Adapter = {
  ...bare,
  tests: ['t11'],
  launch: (context) =>
    withProvider(context, async (baseUrl) => {
      const server = await startServer(serverScript('ai-sdk.ts'), { GOOGLE_BASE_URL: baseUrl }, context.serverCpu);
      return {
        startUrl: server.url,
        readUrl: server.url,
        serverPids: [server.pid],
        appPids: [],
        stop: () => stop(server.child),
      };
    }),
};
