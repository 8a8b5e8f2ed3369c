/** `npm run token -- <userId> [--ttl 12h] [--admin]`: prints a token for the sidecar to stdout, and how long it is valid to stderr. */
import { parseArgs } from 'node:util';
import { MIN_SECRET_CHARS } from '../sidecar/config.ts';
import { userIdSchema } from '../shared/token.ts';
import { dataDir, inRoot } from './shared/paths.ts';
import { secret } from './launch/secrets.ts';
import { loadSettings } from './shared/settings.ts';
import { signSidecarToken } from './shared/sidecar-token.ts';
import { runCommand, StartError } from './shared/start-error.ts';

const USAGE = 'Usage: npm run --silent token -- <userId> [--ttl 12h] [--admin]';

await runCommand(async () => {
  const { userId, ttl, isAdmin } = readArguments();
  const settings = loadSettings({ envFile: inRoot('.env'), env: process.env });
  const key = secret('SIDECAR_SECRET', { settings, dataDir });
  if (key.length < MIN_SECRET_CHARS)
    throw new StartError(
      `SIDECAR_SECRET needs at least ${MIN_SECRET_CHARS} characters: no sidecar takes a shorter one.`,
    );
  process.stdout.write(`${await signSidecarToken({ secret: key, userId, isAdmin, ttl })}\n`);
  process.stderr.write(`Valid for ${ttl}, as ${isAdmin ? 'an administrator, ' : ''}${userId}.\n`);
  return 0;
});

function readArguments(): { userId: string; ttl: string; isAdmin: boolean } {
  try {
    const { values, positionals } = parseArgs({
      allowPositionals: true,
      options: { ttl: { type: 'string', default: '12h' }, admin: { type: 'boolean', default: false } },
    });
    const [userId, ...more] = positionals;
    if (!userId || more.length > 0) throw new StartError(USAGE);
    if (!/^[1-9]\d*[smhd]$/.test(values.ttl))
      throw new StartError(`--ttl is a time such as 90s, 15m, 1h or 7d. ${USAGE}`);
    const parsed = userIdSchema.safeParse(userId);
    if (!parsed.success) throw new StartError('A user id is 1 to 128 letters, digits, and _ . | @ -');
    return { userId: parsed.data, ttl: values.ttl, isAdmin: values.admin };
  } catch (error) {
    if (error instanceof TypeError) throw new StartError(`${error.message}\n${USAGE}`); // parseArgs throws these.
    throw error;
  }
}
