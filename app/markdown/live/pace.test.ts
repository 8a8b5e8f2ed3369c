import { expect, test } from 'vitest';
import { createPace } from './pace.ts';

/** Lets a pace take all that it wants to for some steps, each character of which costs this time. */
function paceAfter(steps: number, msPerCharacter: number): number {
  let time = 0;
  let layouts = 0;
  const element = { getBoundingClientRect: () => void (layouts += 1) } as unknown as HTMLElement;
  const pace = createPace(() => time);
  for (let step = 0; step < steps; step += 1) {
    const taken = pace.begin();
    time += taken * msPerCharacter;
    pace.end(element, taken);
  }
  expect(layouts).toBe(steps);
  return pace.begin();
}

test('a frame takes as many characters as it has time for', () => {
  expect(paceAfter(10, 0.004)).toBeCloseTo(1_000);
  expect(paceAfter(10, 0.001)).toBeCloseTo(4_000);
});

test('a pace has bounds, and one long frame does not stop it', () => {
  expect(paceAfter(20, 100)).toBe(200);
  expect(paceAfter(20, 0)).toBe(8_000);
  expect(paceAfter(1, 100)).toBe(250);
});

test('a few words in a frame are not measured', () => {
  const pace = createPace(() => 0);
  const before = pace.begin();
  pace.end({} as HTMLElement, 50);
  expect(pace.begin()).toBe(before);
});
