/** `npm run build`: builds the app into build/, even if its sources have not changed. */
import { buildApp } from './launch/build-app.ts';
import { runCommand } from './shared/start-error.ts';

await runCommand(async () => {
  await buildApp({ force: true });
  return 0;
});
