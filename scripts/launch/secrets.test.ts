import { mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { configuredSecret, secret } from './secrets.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = join(mkdtempSync(join(tmpdir(), 'rejoin-secrets-')), '.data');
});
afterEach(() => rmSync(join(dataDir, '..'), { recursive: true }));

test('a configured secret is used unchanged, and no file is written', () => {
  expect(secret('SIDECAR_SECRET', { settings: { SIDECAR_SECRET: 'given' }, dataDir })).toBe('given');
  expect(() => statSync(dataDir)).toThrow('ENOENT');
});

test('a generated secret is long, is kept for the next start, and is readable by its owner only', () => {
  const first = secret('SIDECAR_SECRET', { settings: {}, dataDir });
  expect(first).toMatch(/^[\w-]{43}$/);
  expect(secret('SIDECAR_SECRET', { settings: {}, dataDir })).toBe(first);
  expect(statSync(join(dataDir, 'sidecar-secret')).mode & 0o777).toBe(0o600);
});

test('different secrets have different values', () => {
  expect(secret('SIDECAR_SECRET', { settings: {}, dataDir })).not.toBe(
    secret('SESSION_SECRET', { settings: {}, dataDir }),
  );
});

test('a remote sidecar needs SIDECAR_SECRET, and the error names the file of a local secret if this file exists', () => {
  const settings = { SIDECAR_SECRET: 'given' };
  expect(configuredSecret('SIDECAR_SECRET', { settings, dataDir })).toBe('given');
  const refusal = (): string => {
    try {
      return configuredSecret('SIDECAR_SECRET', { settings: {}, dataDir });
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(refusal()).toMatch(/set SIDECAR_SECRET/);
  expect(refusal()).not.toContain(dataDir);
  mkdirSync(dataDir);
  writeFileSync(join(dataDir, 'sidecar-secret'), 'kept');
  expect(refusal()).toContain(`cat ${join(dataDir, 'sidecar-secret')}`);
});
