import { expect, test } from 'vitest';
import { bellChannel, logKey, metaKey, stateKey } from './keys.ts';
import { keySlot } from './key-slot.ts';

test('a key has the slot that Redis computes', () => {
  // `redis-cli CLUSTER KEYSLOT` gives these slots.
  expect(keySlot('123456789')).toBe(12_739);
  expect(keySlot('foo')).toBe(12_182);
  expect(keySlot('{stream:abc}:log')).toBe(6119);
  expect(keySlot('foo{}{bar}')).toBe(8363);
  expect(keySlot('foo{{bar}}zap')).toBe(4015);
});

test('all keys of one stream are in one slot', () => {
  const slots = [stateKey, logKey, metaKey, bellChannel].map((name) => keySlot(name('k7q2')));
  expect(new Set(slots).size).toBe(1);
});
