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

const SHELL =
  /\/app\/(?:(?:ui|search|words)\/|layout\/(?!dialogs\/)|hooks\/(?:backoff|stream-environment)\.|rooms\/(?:avatar|room-ref|lost\/(?:chat-error|shown-room))\.)/;

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
        // Asking the server for routes on a click would fail without a network, and the list of all routes is small.
        v3_lazyRouteDiscovery: false,
      },
    }),
    // Once at the build, so that it may take the time that the smallest files need. app/process/serve.ts sends them.
    !isSsrBuild && compression({ algorithms: ['brotliCompress'], include: /\.(?:js|css)$/ }),
  ],
  resolve: { alias: { '~': fileURLToPath(new URL('app', import.meta.url)) } },
  // The browsers that have what the page uses: text streams, `dvh`, nested CSS.
  build: {
    target: 'es2022',
    minify: 'terser',
    // Each file costs a request with its headers. The small modules that every page of the shell needs are one file.
    rollupOptions: isSsrBuild ? {} : { output: { manualChunks: (id) => (SHELL.test(id) ? 'shell' : undefined) } },
  },
  server: {
    host: process.env.HOST || '127.0.0.1',
    port: Number(process.env.PORT) || 3000,
    strictPort: true,
  },
}));
