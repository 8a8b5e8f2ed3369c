import { fileURLToPath } from 'node:url';
import { vitePlugin as remix } from '@remix-run/dev';
import tailwindcss from '@tailwindcss/vite';
import { defineConfig } from 'vite';
import { compression } from 'vite-plugin-compression2';

declare module '@remix-run/node' {
  interface Future {
    v3_singleFetch: true;
  }
}

/**
 * Folders and modules of `app/` that every page with the sidebar needs. Each file of the build costs a request with its headers,
 * so these small modules become one file.
 */
const SHELL = [
  'ui/',
  'search/',
  'words/',
  'layout/',
  'hooks/backoff.',
  'hooks/stream-environment.',
  'rooms/avatar.',
  'rooms/lost/chat-error.',
  'rooms/room-ref.',
  'rooms/lost/shown-room.',
];

/** `module` is a file path. Dialogs are not part of the shell, because they are loaded when they are opened. */
const isInShell = (module: string): boolean =>
  SHELL.some((part) => module.includes(`/app/${part}`)) && !module.includes('/app/layout/dialogs/');

export default defineConfig(({ isSsrBuild }) => ({
  plugins: [
    tailwindcss(),
    remix({
      ignoredRouteFiles: ['**/*.test.{ts,tsx}'],
      future: {
        v3_fetcherPersist: true,
        v3_relativeSplatPath: true,
        v3_throwAbortReason: true,
        v3_singleFetch: true,
        // With lazy discovery, the page asks the server for routes after a click, and this request fails without a network. The
        // list of all routes is small enough to be loaded with the page.
        v3_lazyRouteDiscovery: false,
      },
    }),
    // Files are compressed only once, at the build, so the compression may be slow and thorough. app/process/serve.ts sends the
    // compressed files.
    !isSsrBuild && compression({ algorithms: ['brotliCompress'], include: /\.(?:js|css)$/ }),
  ],
  resolve: { alias: { '~': fileURLToPath(new URL('app', import.meta.url)) } },
  // Browsers that have what the page uses (text streams, `dvh`, nested CSS) also have ES2022.
  build: {
    target: 'es2022',
    minify: 'terser',
    rollupOptions: isSsrBuild ? {} : { output: { manualChunks: (id) => (isInShell(id) ? 'shell' : undefined) } },
  },
  server: {
    host: process.env.HOST || '127.0.0.1',
    port: Number(process.env.PORT) || 3000,
    strictPort: true,
  },
}));
