import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { secret } from './secrets.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = join(mkdtempSync(join(tmpdir(), 'rejoin-secrets-')), '.data');
});
afterEach(() => rmSync(join(dataDir, '..'), { recursive: true }));

test('a configured secret is taken as it is, and none is written', () => {
  expect(secret('SIDECAR_SECRET', { settings: { SIDECAR_SECRET: 'given' }, dataDir })).toBe('given');
  expect(() => statSync(dataDir)).toThrow('ENOENT');
});

test('a generated secret is long, the same again next time, and readable by its owner only', () => {
  const first = secret('SIDECAR_SECRET', { settings: {}, dataDir });
  expect(first).toMatch(/^[\w-]{43}$/);
  expect(secret('SIDECAR_SECRET', { settings: {}, dataDir })).toBe(first);
  expect(statSync(join(dataDir, 'sidecar-secret')).mode & 0o777).toBe(0o600);
});

test('each secret is another', () => {
  expect(secret('SIDECAR_SECRET', { settings: {}, dataDir })).not.toBe(
    secret('SESSION_SECRET', { settings: {}, dataDir }),
  );
});
