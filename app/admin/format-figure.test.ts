import { expect, test } from 'vitest';
import { formatAge, formatFigure, formatShare } from './format-figure.ts';

test('formats counts, times, speeds and bytes for people', () => {
  expect(formatFigure(12_345, 'count')).toBe('12,345');
  expect(['ms', 'bytes', 'count', 'perSecond'].map((unit) => formatFigure(0, unit as 'ms'))).toEqual([
    '0 ms',
    '0 B',
    '0',
    '0/s',
  ]);
  expect([999, 1000, 61_400].map((ms) => formatFigure(ms, 'ms'))).toEqual(['999 ms', '1.0 s', '61.4 s']);
  expect([9.5, 45.2].map((speed) => formatFigure(speed, 'perSecond'))).toEqual(['9.5/s', '45/s']);
  expect([633, 999.7, 12_400, 99_600, 2.5e9].map((bytes) => formatFigure(bytes, 'bytes'))).toEqual([
    '633 B',
    '1.0 kB',
    '12.4 kB',
    '100 kB',
    '2.5 GB',
  ]);
});

test('formats a share in per cent, and an unknown value or a share of nothing as a dash', () => {
  expect(formatFigure(null, 'ms')).toBe('–');
  expect(formatShare(0, 0)).toBe('–');
  expect(formatShare(2, 3)).toBe('67 %');
});

test('formats an age in its two largest units, and a negative age as zero', () => {
  expect([-5, 900, 59_999, 61_000, 3_600_000 + 65_000].map(formatAge)).toEqual([
    '0 s',
    '0 s',
    '59 s',
    '1 min 1 s',
    '1 h 1 min',
  ]);
});
