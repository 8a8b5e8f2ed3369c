import { describe, expect, test } from 'vitest';
import { currentTime, currentTimeInputSchema } from './current-time.ts';
import { timeZoneOf } from './places.ts';

describe('a place', () => {
  test.each([
    ['Asia/Tokyo', 'Asia/Tokyo'],
    ['europe/berlin', 'Europe/Berlin'],
    ['America/Argentina/Buenos_Aires', 'America/Buenos_Aires'],
    ['Tokyo', 'Asia/Tokyo'],
    ['new york', 'America/New_York'],
    ['New_York', 'America/New_York'],
    ['Tokyo, Japan', 'Asia/Tokyo'],
    ['Washington, D.C.', 'America/New_York'],
    ['São Paulo', 'America/Sao_Paulo'],
    ['Zürich', 'Europe/Zurich'],
    ['München', 'Europe/Berlin'],
    ['San Francisco', 'America/Los_Angeles'],
    ['東京', 'Asia/Tokyo'],
    ['서울', 'Asia/Seoul'],
    ['UTC', 'UTC'],
  ])('"%s" has the time zone %s', (place, zone) => {
    const canonical = (name: string) => new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone;
    const found = timeZoneOf(place);
    expect(found && canonical(found)).toBe(canonical(zone));
  });

  test.each(['Atlantis', 'constructor', '', ', '])('"%s" is not known', (place) => {
    expect(timeZoneOf(place)).toBeNull();
  });
});

describe('the current time', () => {
  const now = new Date('2026-03-02T17:05:00Z');

  test('is given with date, zone and offset', () => {
    expect(currentTime({ place: 'Tokyo' }, now)).toEqual({
      place: 'Tokyo',
      timeZone: 'Asia/Tokyo',
      date: 'Tuesday, 3 March 2026',
      time: '02:05',
      utcOffset: '+09:00',
    });
  });

  test('has the offset of summer or winter time, and +00:00 in UTC', () => {
    expect(currentTime({ place: 'New York' }, now).utcOffset).toBe('-05:00');
    expect(currentTime({ place: 'New York' }, new Date('2026-07-01T00:00:00Z')).utcOffset).toBe('-04:00');
    expect(currentTime({ place: 'UTC' }, now)).toMatchObject({ time: '17:05', utcOffset: '+00:00' });
  });

  test('of an unknown place is an error that says what to try instead', () => {
    expect(() => currentTime({ place: 'Atlantis' }, now)).toThrow(/"Atlantis".*Europe\/Paris/);
  });

  test('is refused for a place that is empty or longer than 100 characters, and the place is trimmed', () => {
    expect(currentTimeInputSchema.safeParse({ place: ' ' }).success).toBe(false);
    expect(currentTimeInputSchema.safeParse({ place: 'x'.repeat(101) }).success).toBe(false);
    expect(currentTimeInputSchema.parse({ place: ' Tokyo ' })).toEqual({ place: 'Tokyo' });
  });
});
