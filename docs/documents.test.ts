import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { inRoot, root } from '../scripts/shared/paths.ts';

const pages = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '*.md'], {
  cwd: root,
  encoding: 'utf8',
})
  .trim()
  .split('\n');
const text = (page: string): string => readFileSync(inRoot(page), 'utf8');

/** The anchor that GitHub gives to a heading: `## 4.7 Rules for clients` → `47-rules-for-clients`. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-');

const withoutCode = (markdown: string): string => markdown.replaceAll(/^```.*?^```$/gms, '');

describe('the documents', () => {
  test('link only to files and headings that exist', () => {
    const broken: string[] = [];
    for (const page of pages) {
      const links = [...withoutCode(text(page)).matchAll(/\]\(([^)\s]+)\)|(?:src|href)="([^"]+)"/g)].map(
        ([, a, b]) => a ?? b!,
      );
      for (const link of links.filter((target) => !/^(https?:|mailto:)/.test(target))) {
        const [path, anchor] = link.split('#') as [string, string?];
        const file = path === '' ? page : join(dirname(page), path);
        if (!existsSync(inRoot(file))) broken.push(`${page}: ${link}`);
        else if (anchor !== undefined && file.endsWith('.md')) {
          const anchors = [...withoutCode(text(file)).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading!));
          if (!anchors.includes(anchor)) broken.push(`${page}: ${link}`);
        }
      }
    }
    expect(pages.length).toBeGreaterThan(15);
    expect(broken).toEqual([]);
  });

  test('put paths in backticks only if the file exists', () => {
    const missing: string[] = [];
    for (const page of pages.filter((name) => /^(README|PROTOCOL|CONTRIBUTING|SECURITY|docs\/\w+)\.md$/.test(name))) {
      for (const [, path] of text(page).matchAll(
        /`((?:app|sidecar|shared|scripts|deploy|docs|testing|e2e)\/[\w./$-]+\.\w+)`/g,
      ))
        if (!existsSync(inRoot(path!))) missing.push(`${page}: ${path}`);
    }
    expect(missing).toEqual([]);
  });

  test('name every event that app and sidecar log', () => {
    const sources = execFileSync('git', ['ls-files', 'sidecar/*.ts', 'app/*.ts', 'app/*.tsx'], {
      cwd: root,
      encoding: 'utf8',
    });
    const files = sources.split('\n').filter((file) => file !== '' && !/\.(test|suite)\.|testing\//.test(file));
    const events = new Set(
      files.flatMap((file) => [...text(file).matchAll(/\bevent: '([a-z_.]+)'/g)].map(([, event]) => event!)),
    );
    expect(events).toContain('stream.started');
    expect([...events].filter((event) => !text('docs/operate.md').includes(`\`${event}\``))).toEqual([]);
  });

  test('name every problem of Redis that /readyz can report', () => {
    const kinds = /type RedisProblemKind =([^;]*);/.exec(text('sidecar/store/redis/diagnose/redis-problem.ts'))![1]!;
    const names = [...kinds.matchAll(/'(\w+)'/g)].map(([, name]) => name!);
    expect(names).toContain('wrong_login');
    expect(names.filter((name) => !text('docs/operate.md').includes(`\`${name}\``))).toEqual([]);
  });

  test('use only existing files in their commands', () => {
    const missing: string[] = [];
    for (const page of pages) {
      const blocks = [...text(page).matchAll(/^```sh\n(.*?)^```/gms)].map(([, block]) => block!).join('\n');
      for (const [, path] of blocks.matchAll(
        /(?<![\w/.])((?:app|sidecar|shared|scripts|deploy|docs|e2e)\/[\w./-]+\.\w+)/g,
      ))
        if (!existsSync(inRoot(path!))) missing.push(`${page}: ${path}`);
    }
    expect(missing).toEqual([]);
  });

  test('have a README of at most 200 lines', () => {
    expect(text('README.md').split('\n').length).toBeLessThanOrEqual(200);
  });

  test('contain `npm run` commands only for scripts that package.json has', () => {
    const { scripts } = JSON.parse(text('package.json')) as { scripts: Record<string, string> };
    const named = pages.flatMap((page) =>
      [...text(page).matchAll(/npm run (?:--silent )?([\w:]+)/g)].map(([, name]) => name!),
    );
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !Object.hasOwn(scripts, name))).toEqual([]);
  });
});

test('the copy commands of the README bring everything that the hook imports', () => {
  const [block] = /^mkdir -p src\/hooks.*?(?=^```)/ms.exec(text('README.md'))!;
  const [copying, installing] = [block.split('npm install ')[0]!, block.split('npm install ')[1]!];
  const packages = [
    'react',
    ...installing
      .trim()
      .split(' ')
      .map((one) => one.replace(/@\d+$/, '')),
  ];
  const folder = mkdtempSync(join(tmpdir(), 'rejoin-readme-'));
  try {
    execFileSync('sh', ['-ec', copying], { cwd: folder, env: { ...process.env, REJOIN: root } });
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((name) => /\.tsx?$/.test(name));
    expect(files).toContain('src/hooks/use-resumable-stream.ts');
    for (const file of files) {
      for (const [, name] of readFileSync(join(folder, file), 'utf8').matchAll(/ from '([^']+)';$/gm)) {
        const isThere = name!.startsWith('.')
          ? existsSync(join(folder, dirname(file), name!))
          : packages.some((one) => name === one || name!.startsWith(`${one}/`));
        expect(isThere, `${file} imports ${name}`).toBe(true);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
