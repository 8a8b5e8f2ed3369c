import { describe, expect, test } from 'vitest';
import { randomId } from '../../../testing/sample-stream.ts';
import type { AdmissionRequest, AdmissionResult, AdmissionStore, Subject } from './admission-store.ts';

/** Every promise of {@link AdmissionStore}, as tests that any store must pass. */
export function admissionStoreSuite(name: string, makeStore: () => AdmissionStore): void {
  /** A person, or a network address, without any streams so far. */
  function somebody(subject: Subject = { userId: randomId('user') }) {
    const store = makeStore();
    const admit = (streamId: string, more: Partial<AdmissionRequest> = {}): Promise<AdmissionResult> =>
      store.admit({
        subject,
        streamId,
        maxActive: 2,
        maxStarts: 3,
        windowMs: 60_000,
        startingMs: 60_000,
        ended: [],
        ...more,
      });
    return { store, subject, admit };
  }
  const ADMITTED = { what: 'admitted' };

  describe.each([
    { of: 'a person', make: () => ({ userId: randomId('user') }) },
    { of: 'a network address', make: () => ({ address: randomId('address') }) },
  ])(`${name}: the streams of $of`, ({ make }) => {
    test('are admitted up to the limit; a refusal lists the admitted streams and tells which of them are still being started', async () => {
      const { admit } = somebody(make());
      expect(await admit('s1')).toEqual(ADMITTED);
      expect(await admit('s2')).toEqual(ADMITTED);
      const full = await admit('s3');
      expect(full.what === 'full' && full.members.sort((a, b) => a.streamId.localeCompare(b.streamId))).toEqual([
        { streamId: 's1', isStarting: true },
        { streamId: 's2', isStarting: true },
      ]);
      expect(await admit('s3', { startingMs: 0 })).toMatchObject({ members: [{ isStarting: false }, {}] });
    });

    test('are not counted any more once the caller names them as ended', async () => {
      const { admit } = somebody(make());
      await admit('s1');
      await admit('s2');
      expect(await admit('s3', { ended: ['s1', 'unknown'] })).toEqual(ADMITTED);
      expect((await admit('s1')).what).toBe('full');
    });

    test('are counted once, even if they are admitted several times', async () => {
      const { admit } = somebody(make());
      for (let i = 0; i < 5; i++) {
        expect(await admit('s1')).toEqual(ADMITTED);
        expect(await admit('s2')).toEqual(ADMITTED);
      }
      expect((await admit('s3')).what).toBe('full');
    });

    test('are refused once the maximum number has been started in the window', async () => {
      const { admit } = somebody(make());
      for (const streamId of ['s1', 's2', 's3']) expect(await admit(streamId, { maxActive: 0 })).toEqual(ADMITTED);
      const refused = await admit('s4', { maxActive: 0 });
      expect(refused.what).toBe('tooSoon');
      const waitMs = refused.what === 'tooSoon' ? refused.waitMs : 0;
      expect(waitMs).toBeGreaterThan(0);
      expect(waitMs).toBeLessThanOrEqual(60_000);
      expect(await admit('s2', { maxActive: 0 })).toEqual(ADMITTED);
      // The refused s4 is not counted. If it were, s5 would be the fifth start and be refused.
      expect(await admit('s5', { maxActive: 0, maxStarts: 4 })).toEqual(ADMITTED);
    });

    test('do not count as starts any more once the window has passed', async () => {
      const { admit } = somebody(make());
      for (const streamId of ['s1', 's2', 's3']) await admit(streamId, { maxActive: 0 });
      await expect
        .poll(() => admit('s4', { maxActive: 0, windowMs: 50 }), { interval: 20, timeout: 5000 })
        .toEqual(ADMITTED);
    });

    test('do not count once they were withdrawn', async () => {
      const { store, subject, admit } = somebody(make());
      await admit('s1');
      await admit('s2');
      await store.withdraw(subject, 's2');
      expect(await admit('s3')).toEqual(ADMITTED);
      expect((await admit('s4', { maxActive: 0 })).what).toBe('admitted');
      expect((await admit('s5', { maxActive: 0 })).what).toBe('tooSoon');
    });

    test('are not limited if the maximum is 0', async () => {
      const { admit } = somebody(make());
      for (let i = 0; i < 30; i++) expect(await admit(`s${i}`, { maxActive: 0, maxStarts: 0 })).toEqual(ADMITTED);
    });

    test('do not exceed the limit if they are started at the same time', async () => {
      const { admit } = somebody(make());
      const results = await Promise.all(Array.from({ length: 50 }, (_, i) => admit(`s${i}`, { maxStarts: 0 })));
      expect(results.filter(({ what }) => what === 'admitted')).toHaveLength(2);
    });
  });

  test(`${name}: a person and an address with the same name are counted separately`, async () => {
    const name = randomId('name');
    const [person, address] = [somebody({ userId: name }), somebody({ address: name })];
    for (const streamId of ['s1', 's2']) await person.admit(streamId);
    expect(await address.admit('s3')).toEqual(ADMITTED);
  });
}
