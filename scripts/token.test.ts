import { spawnSync } from 'node:child_process';
import { jwtVerify } from 'jose';
import { expect, test } from 'vitest';
import { inRoot } from './shared/paths.ts';

function runToken(secret: string) {
  const env = { ...process.env, SIDECAR_SECRET: secret };
  return spawnSync(process.execPath, [inRoot('scripts/token.ts'), 'user_1'], { env, encoding: 'utf8' });
}

test('`npm run token` signs with the configured secret', async () => {
  const { status, stdout, stderr } = runToken('sixteen-letters!');
  expect(stderr).toBe('Valid for 12h, as user_1.\n');
  expect(status).toBe(0);
  const { payload } = await jwtVerify(stdout.trim(), new TextEncoder().encode('sixteen-letters!'));
  expect(payload.sub).toBe('user_1');
});

test('`npm run token` refuses a secret that is too short for a sidecar', () => {
  const { status, stdout, stderr } = runToken('fifteen-letters');
  expect([status, stdout]).toEqual([1, '']);
  expect(stderr).toMatch(/^SIDECAR_SECRET .*16 characters/);
});
