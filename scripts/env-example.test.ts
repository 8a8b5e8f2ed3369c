import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { describe, expect, test } from 'vitest';
import { inRoot } from './shared/paths.ts';

const example = readFileSync(inRoot('.env.example'), 'utf8');

/** The names of all settings that a process reads: the keys of the schema in the config file of the process. */
const settingsOf = (file: string): string[] =>
  [...readFileSync(inRoot(file), 'utf8').matchAll(/^ {2}([A-Z][A-Z_]+):/gm)].map((match) => match[1]!);

describe('.env.example', () => {
  test.each(['sidecar/config.ts', 'app/process/config.server.ts'])('has every setting of %s', (file) => {
    const settings = settingsOf(file).filter((name) => name !== 'NODE_ENV'); // The start commands set it.
    expect(settings.length).toBeGreaterThan(10);
    expect(settings.filter((name) => !example.includes(`\n# ${name}=`))).toEqual([]);
  });

  test('has every setting of docker-compose.yml', () => {
    const compose = readFileSync(inRoot('docker-compose.yml'), 'utf8');
    const settings = new Set([...compose.matchAll(/(?<!\$)\$\{([A-Z_]+)/g)].map((match) => match[1]!));
    expect(settings).toContain('GRAFANA_PASSWORD');
    expect([...settings].filter((name) => !example.includes(`\n# ${name}=`))).toEqual([]);
  });

  test('sets nothing until a line is changed', () => {
    expect(parseEnv(example)).toEqual({});
  });

  test('has a comment above each setting', () => {
    const lines = example.split('\n');
    const isSetting = (line = '') => /^# [A-Z_]+=/.test(line);
    const isComment = (line = '') => line.startsWith('# ') && !isSetting(line);
    const bare = lines.filter((line, at) => isSetting(line) && !isComment(lines[at - 1]));
    expect(bare).toEqual([]);
  });
});
