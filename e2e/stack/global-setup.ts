import { buildApp } from '../../scripts/launch/build-app.ts';
import { shareCompiledCode } from '../../testing/compile-cache.ts';

/** Builds the app, so that the tests never run against an old build. */
export default async function globalSetup(): Promise<void> {
  shareCompiledCode();
  await buildApp();
}
