import { expect, test } from 'vitest';
import { hasRedisFix } from './redis-version.ts';

test.each([
  ['7.4.6', true],
  ['7.4.5', false],
  ['7.2.11', true],
  ['7.2.10', false],
  ['7.0.15', false],
  ['8.0.4', true],
  ['8.0.3', false],
  ['8.1.9', false],
  ['8.2.2', true],
  ['8.4.0', true],
  ['9.0.0', true],
])('Redis %s has the fix for CVE-2025-49844: %s', (version, expected) => {
  expect(hasRedisFix(version, { isValkey: false })).toBe(expected);
});

test('Valkey has the fix under its own version numbers', () => {
  expect(hasRedisFix('8.1.4', { isValkey: true })).toBe(true);
  expect(hasRedisFix('8.1.3', { isValkey: true })).toBe(false);
  expect(hasRedisFix('9.0.0', { isValkey: true })).toBe(true);
});
