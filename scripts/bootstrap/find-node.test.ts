import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { chooseNode, findNode } from './find-node.mjs';
import { isPatched, runsTypeScript } from './node-version.mjs';

test.each([
  ['26.12.1', true],
  ['v26.12.1', true],
  ['26.13.0', true],
  ['26.12.0', false],
  ['26.10.0', false],
  ['26.12.1-rc.1', false],
  ['24.22.1', true],
  ['24.22.0', false],
  ['22.23.4', true],
  ['22.24.0', true],
  ['22.23.3', false],
  ['20.99.0', false],
  ['25.9.0', false],
  ['28.0.0', true],
])('Node %s has the security fix: %s', (version, expected) => {
  expect(isPatched(version)).toBe(expected);
});

test.each([
  ['22.17.9', false],
  ['22.18.0', true],
  ['23.11.0', false],
  ['24.0.0', true],
  ['25.1.0', false],
  ['26.10.0', true],
])('Node %s runs TypeScript: %s', (version, expected) => {
  expect(runsTypeScript(version)).toBe(expected);
});

test('a patched Node of the machine is preferred to a pinned one without the fix', () => {
  const pinned = { path: 'pinned', version: '26.10.0' };
  const patched = { path: 'machine', version: '24.22.1' };
  expect(chooseNode([pinned, patched])).toBe(patched);
  expect(chooseNode([pinned, { path: 'machine', version: '24.21.0' }])).toBe(pinned);
  expect(chooseNode([pinned, { path: 'machine', version: '20.20.2' }])).toBe(pinned);
  expect(chooseNode([{ path: 'pinned', version: '26.12.1' }, patched])?.path).toBe('pinned');
  expect(chooseNode([{ path: 'machine', version: '20.20.2' }])).toBeNull();
});

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'rejoin-node-'));
});
afterEach(() => rmSync(root, { recursive: true }));

/** A program that answers `--version` as a Node of this version would. */
function fakeNode(folder: string, version: string): string {
  const path = join(root, folder, 'node');
  mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho v${version}\n`);
  chmodSync(path, 0o755);
  return path;
}

test('the search for Node leaves out the folder that npm adds to the PATH', async () => {
  writeFileSync(join(root, 'package.json'), JSON.stringify({ devDependencies: { node: '26.10.0' } }));
  const pinned = fakeNode('node_modules/node/bin', '26.10.0');
  fakeNode('node_modules/.bin', '26.12.1');
  const say = vi.fn<(line: string) => void>();
  const find = async (folder: string) => {
    vi.stubEnv('PATH', [join(root, 'node_modules/.bin'), join(root, folder)].join(':'));
    try {
      return await findNode({ root, say });
    } finally {
      vi.unstubAllEnvs();
    }
  };
  fakeNode('old', '20.20.2');
  const patched = fakeNode('new', '26.12.1');
  // If the Node that runs this test is patched, it is preferred to the fake Nodes.
  const own = isPatched(process.versions.node) ? process.execPath : null;
  expect(await find('new')).toBe(own ?? patched);
  expect(await find('old')).toBe(own ?? pinned);
  expect(say).not.toHaveBeenCalled();
});
