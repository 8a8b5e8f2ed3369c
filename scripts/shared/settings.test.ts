import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { inRoot } from './paths.ts';
import { loadSettings } from './settings.ts';

let dir: string;
let envFile: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rejoin-settings-'));
  envFile = join(dir, '.env');
});
afterEach(() => rmSync(dir, { recursive: true }));

test('the environment wins over the file', () => {
  writeFileSync(envFile, 'PORT=1\nHOST=0.0.0.0\n');
  expect(loadSettings({ envFile, env: { PORT: '2' } })).toEqual({ PORT: '2', HOST: '0.0.0.0' });
});

test('an empty value in .env or in the environment counts as missing', () => {
  writeFileSync(envFile, 'REDIS_URL=\nPORT=1\n');
  expect(loadSettings({ envFile, env: { PORT: '' } })).toEqual({ PORT: '1' });
});

test('values may be quoted, be followed by a comment, and span several lines', () => {
  writeFileSync(envFile, 'A="one two"\nB=three # not four\nCLERK_JWT_KEY="-----BEGIN\nxyz\n-----END"\n');
  expect(loadSettings({ envFile, env: {} })).toEqual({
    A: 'one two',
    B: 'three',
    CLERK_JWT_KEY: '-----BEGIN\nxyz\n-----END',
  });
});

test('a missing file is not an error', () => {
  expect(loadSettings({ envFile, env: { A: '1' } })).toEqual({ A: '1' });
});

test('an untouched copy of .env.example sets nothing', () => {
  expect(loadSettings({ envFile: inRoot('.env.example'), env: {} })).toEqual({});
});
