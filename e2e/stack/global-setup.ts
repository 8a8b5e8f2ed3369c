import { buildApp } from '../../scripts/launch/build-app.ts';

/** The tests run against what the sources are now, not against yesterday's build. */
export default async function globalSetup(): Promise<void> {
  await buildApp();
}
