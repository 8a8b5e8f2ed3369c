import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { createFirstGuest } from './first-guest.server.ts';

const folder = mkdtempSync(join(tmpdir(), 'rejoin-first-guest-'));
afterAll(() => rmSync(folder, { recursive: true }));

it('is the one who is asked about first, as long as the process runs', () => {
  const firstGuest = createFirstGuest({ file: null });
  expect([firstGuest.isFirst('guest_a'), firstGuest.isFirst('guest_b'), firstGuest.isFirst('guest_a')]).toEqual([
    true,
    false,
    true,
  ]);
});

it('is the same after a start, and for another process, where a file remembers it', () => {
  const file = join(folder, 'deep', 'first-guest');
  const [one, other] = [createFirstGuest({ file }), createFirstGuest({ file })];
  expect(one.isFirst('guest_a')).toBe(true);
  expect(other.isFirst('guest_b')).toBe(false);
  expect(other.isFirst('guest_a')).toBe(true);
  expect(readFileSync(file, 'utf8')).toBe('guest_a');
  expect(createFirstGuest({ file }).isFirst('guest_b')).toBe(false);
});
