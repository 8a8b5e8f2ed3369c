import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createRequestHandler } from '@remix-run/express';
import compression from 'compression';
import express, { type RequestHandler } from 'express';
import { installGlobals, type ServerBuild } from '@remix-run/node';

type RouteModule = ServerBuild['routes'][string]['module'];

export interface ServedRoutes {
  url: string;
  close(): Promise<void>;
}

/**
 * Serves resource routes over HTTP with Remix's Express adapter, without a build of the app.
 *
 *     await serveRoutes({ 'api/stream/resume/:streamId': resumeRoute });
 */
export async function serveRoutes(modules: Record<string, Partial<RouteModule>>): Promise<ServedRoutes> {
  installGlobals({ nativeFetch: true });
  const app = express();
  app.use(compression());
  app.use(createRequestHandler({ build: buildOf(modules), mode: 'production' }) as unknown as RequestHandler);
  const server = createServer(app);
  // Imported only now, when the settings are in the environment.
  (await import('~/http/edge/edge.server.ts')).guardServer(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function buildOf(modules: Record<string, Partial<RouteModule>>): ServerBuild {
  const entries = Object.entries(modules).map(([path, module]) => {
    const route = { id: path, path, module: module as RouteModule };
    return [path, route] as const;
  });
  return {
    mode: 'production',
    isSpaMode: false,
    basename: '/',
    publicPath: '/assets/',
    assetsBuildDirectory: '',
    entry: { module: { default: () => new Response('no pages here') } },
    routes: Object.fromEntries(entries),
    assets: { entry: { imports: [], module: '' }, routes: {}, url: '', version: '' },
    future: {
      v3_fetcherPersist: true,
      v3_relativeSplatPath: true,
      v3_throwAbortReason: true,
      v3_singleFetch: true,
      v3_lazyRouteDiscovery: false,
    },
  };
}
