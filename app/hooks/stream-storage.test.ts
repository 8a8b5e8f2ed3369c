import { expect, test } from 'vitest';
import { createStreamStorage } from './stream-storage.ts';

const memory = (): Storage => {
  const items = new Map<string, string>();
  return {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
    clear: () => items.clear(),
    key: (index: number) => [...items.keys()][index] ?? null,
    get length() {
      return items.size;
    },
  };
};

test('remembers one stream for each person and chat', () => {
  const area = memory();
  const storage = createStreamStorage(() => area);
  storage.remember({ userId: 'a', chatId: 'c' }, 's1');
  storage.remember({ userId: 'b', chatId: 'c' }, 's2');
  expect(storage.recall({ userId: 'a', chatId: 'c' })).toBe('s1');
  expect(storage.recall({ userId: 'b', chatId: 'c' })).toBe('s2');
  expect(storage.recall({ userId: 'a', chatId: 'd' })).toBeNull();
});

test('forgets a given stream only if no newer one was remembered since', () => {
  const area = memory();
  const storage = createStreamStorage(() => area);
  const scope = { userId: 'a', chatId: 'c' };
  storage.remember(scope, 's2');
  storage.forget(scope, 's1');
  expect(storage.recall(scope)).toBe('s2');
  storage.forget(scope, 's2');
  expect(storage.recall(scope)).toBeNull();
});

test('never throws if storage is missing, forbidden or full', () => {
  const full = {
    ...memory(),
    setItem: () => {
      throw new DOMException('full', 'QuotaExceededError');
    },
  };
  const forbidden = () => {
    throw new DOMException('no', 'SecurityError');
  };
  const missing = () => undefined as unknown as Storage;
  for (const area of [() => full, forbidden, missing]) {
    const storage = createStreamStorage(area);
    storage.remember({ userId: 'a', chatId: 'c' }, 's1');
    expect(storage.recall({ userId: 'a', chatId: 'c' })).toBeNull();
    storage.forget({ userId: 'a', chatId: 'c' });
  }
});
