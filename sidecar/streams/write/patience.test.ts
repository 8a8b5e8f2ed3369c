import { describe, expect, test } from 'vitest';
import { createPatience } from './patience.ts';

const SETTINGS = {
  firstTokenTimeoutMs: 600_000,
  stallTimeoutMs: 60_000,
  answerTimeoutMs: 3_600_000,
};

/** A patience whose clock is moved second by second, with a tick after every second. */
function patience(settings = SETTINGS) {
  let nowMs = 1000;
  const patient = createPatience(settings, () => nowMs);
  patient.asked({ isRepeat: false });
  return {
    ...patient,
    word: () => patient.word(nowMs),
    sign: () => patient.sign(nowMs),
    /** Moves the clock on by this many seconds, or until a tick gives a verdict. Returns the verdict, or `null`. */
    pass(seconds: number) {
      for (let second = 0; second < seconds; second += 1) {
        nowMs += 1000;
        const verdict = patient.tick();
        if (verdict) return verdict;
      }
      return null;
    },
    sleep(ms: number) {
      nowMs += ms;
      patient.slept(ms);
    },
    /** Moves the clock on, without a tick. */
    rest(ms: number) {
      nowMs += ms;
    },
  };
}

describe('the patience with a model', () => {
  test('waits far longer for the first word than for the next', () => {
    const patient = patience();
    expect(patient.pass(599)).toBe(null);
    patient.word();
    expect(patient.pass(60)).toBe(null);
    expect(patient.pass(2)).toBe('stalled');
  });

  test('ends when the first word does not come', () => {
    expect(patience().pass(602)).toBe('no-first-word');
  });

  test('counts the silence from zero again after every sign of life, before and after the first word', () => {
    const patient = patience();
    expect(patient.pass(590)).toBe(null);
    patient.sign();
    expect(patient.pass(590)).toBe(null);
    patient.word();
    expect(patient.pass(50)).toBe(null);
    patient.sign();
    expect(patient.pass(50)).toBe(null);
  });

  test('ends a call after an hour if it only shows signs of life', () => {
    const patient = patience();
    let verdict = null;
    for (let minute = 0; minute < 61 && verdict === null; minute += 1) {
      patient.sign();
      verdict = patient.pass(60);
    }
    expect(verdict).toBe('too-slow');
  });

  test('gives a repeated call less time for its first word', () => {
    const patient = patience();
    patient.asked({ isRepeat: true });
    expect(patient.pass(62)).toBe('stalled');
  });

  test('does not count the time in which this process did not run', () => {
    const patient = patience();
    patient.word();
    expect(patient.pass(50)).toBe(null);
    patient.sleep(4 * 3_600_000);
    expect(patient.pass(1)).toBe(null);
    expect(patient.pass(59)).toBe(null);
    expect(patient.pass(2)).toBe('stalled');
  });

  test('ends a silent call also if ticks are far apart', () => {
    const patient = patience();
    patient.word();
    let verdict = null;
    for (let ticks = 0; ticks < 7 && verdict === null; ticks += 1) {
      patient.rest(9000);
      verdict = patient.pass(1);
    }
    expect(verdict).toBe('stalled');
  });

  test('takes the time of a word that is reported late', () => {
    let nowMs = 0;
    const patient = createPatience(SETTINGS, () => nowMs);
    patient.asked({ isRepeat: false });
    nowMs = 50_000;
    patient.word(10_000);
    expect(patient.wordlessMs).toBe(40_000);
    patient.word(5000);
    expect(patient.wordlessMs).toBe(40_000);
    nowMs = 70_001;
    expect(patient.tick()).toBe('stalled');
  });

  test('does not count silence while the model is not read', () => {
    const patient = patience();
    patient.word();
    patient.setPaused(true);
    expect(patient.pass(300)).toBe(null);
    patient.setPaused(false);
    expect(patient.pass(59)).toBe(null);
    expect(patient.pass(2)).toBe('stalled');
  });
});
