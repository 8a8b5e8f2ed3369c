/** `npm run build`: the app, from its sources, into build/. */
import { buildApp } from './build-app.ts';
import { runCommand } from './start-error.ts';

await runCommand(async () => {
  await buildApp({ force: true });
  return 0;
});
