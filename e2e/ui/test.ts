import { test as base } from '../stack/test.ts';
import { startTcpProxy, type TcpProxy } from '../../testing/tcp-proxy.ts';
import type { Env } from '../../scripts/shared/settings.ts';
import { SCRIPTED, startScriptedModel, type ScriptedModel } from './scripted-model.ts';

export { expect } from '@playwright/test';

/**
 * `test` for pages. `model`: the stack's model server; the test writes its answers. `network`: a proxy in front of the app. The
 * demo model is available, too, ten times as fast as usual.
 */
export const test = base.extend<{ network: TcpProxy }, { model: ScriptedModel; stackEnv: Env }>({
  /** Further settings of the stack. */
  stackEnv: [{}, { option: true, scope: 'worker' }],
  model: [
    async ({}, use) => {
      const model = await startScriptedModel();
      await use(model);
      await model.stop();
    },
    { scope: 'worker' },
  ],
  stackOptions: [
    async ({ model, stackEnv }, use) =>
      use({
        env: {
          OPENAI_COMPATIBLE_BASE_URL: model.url,
          OPENAI_COMPATIBLE_MODELS: SCRIPTED,
          DEMO_SPEED: '10',
          ...stackEnv,
        },
      }),
    { scope: 'worker' },
  ],
  network: async ({ stack }, use) => {
    const proxy = await startTcpProxy({ target: { port: stack.port } });
    await use(proxy);
    await proxy.stop();
  },
});
