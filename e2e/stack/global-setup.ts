import { buildApp } from '../../scripts/launch/build-app.ts';

/** Builds the app, so that the tests never run against an old build. */
export default async function globalSetup(): Promise<void> {
  await buildApp();
}
