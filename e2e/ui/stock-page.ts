import type { Page } from '@playwright/test';
import { build } from 'vite';
import { inRoot } from '../../scripts/shared/paths.ts';

/** The bundled script of the page in `stock-chat.tsx`. */
export async function bundleStockPage(): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: 'error',
    root: inRoot('e2e/ui'),
    define: { 'process.env.NODE_ENV': '"production"' },
    build: { write: false, minify: false, rollupOptions: { input: inRoot('e2e/ui/stock-chat.tsx') } },
  });
  const [output] = [result].flat();
  if (!output || !('output' in output)) throw new Error('Vite built nothing.');
  return output.output[0].code;
}

/** Serves the page at `/stock` on the app's origin, without the app's content security policy. */
export async function serveStockPage(page: Page, script: string): Promise<void> {
  await page.route('**/stock-page.js', (route) => route.fulfill({ contentType: 'text/javascript', body: script }));
  await page.route('**/stock?*', (route) =>
    route.fulfill({
      contentType: 'text/html',
      body: '<!doctype html><title>Stock</title><body></body><script type="module" src="/stock-page.js"></script>',
    }),
  );
}
