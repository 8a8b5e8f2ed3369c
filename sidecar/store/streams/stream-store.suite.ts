import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { parseEventId, type EventId } from '../../../shared/stream/event-id.ts';
import type { StreamOutcome } from '../../../shared/stream/stream.ts';
import { framesOf, randomId, sampleStream, textDelta } from '../../../testing/sample-stream.ts';
import { epochSuffix, firstEpoch, nextEpoch } from './epoch.ts';
import type { Announcement, Close, NewStream, Page, StreamStore } from './stream-store.ts';

/**
 * What some stores promise in addition:
 * - `takeover`: several processes share the store, so a stream whose lease ran out or was given up can be taken over;
 * - `loss`: the store can lose a stream, and its owner can write the stream again;
 * - `quiet-bells`: no notification is sent for a stream that nobody follows.
 */
export type Capability = 'takeover' | 'loss' | 'quiet-bells';

export interface StoreSubject {
  store: StreamStore;
  /** The same data, as seen by another process. */
  other: StreamStore;
  /** Removes all data of a stream, as if a Redis without a disk had restarted. Leaves no tombstone (the mark of a removed stream). */
  lose(streamId: string): Promise<void>;
}

export interface StoreSettings {
  leaseMs: number;
  ttlMs: number;
}

const CALM: StoreSettings = { leaseMs: 60_000, ttlMs: 60_000 };
/** Leases that are short enough for a test to wait until they expire. */
const BRIEF: StoreSettings = { leaseMs: 40, ttlMs: 60_000 };

const PAGE = 1 << 20;
const lastActivity = '2026-11-22T10:00:05.000Z';

/** Every promise of {@link StreamStore}, as tests that any store must pass. */
export function streamStoreSuite(
  name: string,
  makeStore: (settings: StoreSettings) => Promise<StoreSubject>,
  capabilities: readonly Capability[],
): void {
  const owes = (capability: Capability) => capabilities.includes(capability);

  /** Creates a stream in a store. */
  async function created(settings = CALM) {
    const subject = await makeStore(settings);
    const stream = sampleStream();
    await subject.store.index([{ streamId: stream.streamId, userId: stream.facts.userId }]);
    expect(await subject.store.create(stream)).toBe('created');
    const { streamId, epoch } = stream;
    let length = stream.frames.length;
    return {
      ...subject,
      stream,
      streamId,
      epoch,
      first: stream.frames.length,
      /** Appends a text delta. Returns its bytes, and the length of the log after it. */
      async append(text = 'Hello', by = epoch) {
        const bytes = framesOf([textDelta(text)], by, length);
        expect(await subject.store.append([{ streamId, epoch: by, position: length, bytes }])).toEqual([
          { what: 'appended', length: length + bytes.length },
        ]);
        length += bytes.length;
        return { bytes, length };
      },
    };
  }

  async function readAll(store: StreamStore, streamId: string): Promise<Page> {
    const page = await store.read(streamId, 0, PAGE);
    if (typeof page === 'string') throw new Error(`the stream is ${page}`);
    return page;
  }

  const sealed = (store: StreamStore, streamId: string, outcome: StreamOutcome = 'cancelled', ownerEpoch?: string) =>
    store.seal(streamId, { suffix: epochSuffix(), outcome, error: null, ownerEpoch });

  const end = (streamId: string, epoch: string, position: number, fields: Partial<Close> = {}): Close => {
    const finalEpoch = fields.finalEpoch ?? epoch;
    return {
      streamId,
      epoch,
      finalEpoch,
      position,
      frames: framesOf([{ type: 'finish' }], finalEpoch, position),
      outcome: 'completed',
      error: null,
      sha256: 'f'.repeat(64),
      lastActivity: '2026-11-22T10:00:09.000Z',
      state: { length: 0, patches: [] },
      ...fields,
    };
  };

  /** Takes the stream over as soon as its lease has expired. */
  async function claimed(store: StreamStore, streamId: string) {
    return vi.waitFor(
      async () => {
        const claim = await store.claim(streamId, epochSuffix());
        if (claim.what !== 'claimed') throw new Error(`the stream is ${claim.what}`);
        return claim;
      },
      { timeout: 5000, interval: 10 },
    );
  }

  const lastId = (frames: Buffer): EventId => parseEventId(/\nid: (\S+)\n\n$/.exec(frames.toString())![1]!)!;

  describe(`${name}: create`, () => {
    test('writes meta, state copy and first frames', async () => {
      const { store, stream, streamId, epoch, first } = await created();
      expect(await store.meta(streamId)).toMatchObject({
        ...stream.facts,
        status: 'active',
        outcome: null,
        epoch,
        base: 0,
        length: first,
        sha256: null,
        error: null,
        lastActivity: stream.facts.startTime,
      });
      expect(await store.state(streamId)).toBe(stream.state.toString());
      expect((await readAll(store, streamId)).bytes).toEqual(stream.frames);
    });

    test('keeps facts in any writing system, and empty facts', async () => {
      const { store } = await makeStore(CALM);
      const stream = sampleStream({ modelId: 'local/模型 ✅', parentId: '' });
      await store.create(stream);
      expect(await store.meta(stream.streamId)).toMatchObject({ modelId: 'local/模型 ✅', parentId: '' });
    });

    test('reports a stream that exists already, and does not change it', async () => {
      const { store, other, stream, streamId } = await created();
      const again = sampleStream({ streamId, chatId: 'another' });
      expect(await other.create(again)).toBe('exists');
      expect(await store.meta(streamId)).toMatchObject(stream.facts);
      expect((await readAll(store, streamId)).bytes).toEqual(stream.frames);
      expect(await store.state(streamId)).toBe(stream.state.toString());
    });

    test('succeeds for only one of several callers, and stores the complete stream of this caller', async () => {
      const { store, other } = await makeStore(CALM);
      const streamId = randomId('s');
      const rivals = Array.from({ length: 10 }, () => sampleStream({ streamId }));
      const answers = await Promise.all(rivals.map((rival, i) => (i % 2 ? store : other).create(rival)));
      expect([...answers].sort()).toEqual(['created', ...Array<string>(9).fill('exists')]);
      const winner = rivals[answers.indexOf('created')]!;
      expect(await store.meta(streamId)).toMatchObject({ ...winner.facts, epoch: winner.epoch });
      expect((await readAll(store, streamId)).bytes).toEqual(winner.frames);
    });

    test('does not start an ended stream again', async () => {
      const { store, streamId, epoch, first } = await created();
      await store.close(end(streamId, epoch, first));
      expect(await store.create(sampleStream({ streamId }))).toBe('exists');
    });

    test('replaces a deleted stream', async () => {
      const { store, streamId } = await created();
      await store.remove(streamId, 'any');
      const again = sampleStream({ streamId });
      expect(await store.create(again)).toBe('created');
      expect(await store.meta(streamId)).toMatchObject({ ...again.facts, status: 'active', epoch: again.epoch });
      expect((await readAll(store, streamId)).bytes).toEqual(again.frames);
    });
  });

  describe(`${name}: wait and begin`, () => {
    /** A stream that waits for its turn. */
    async function waiting() {
      const subject = await makeStore(CALM);
      const stream = sampleStream();
      expect(await subject.store.wait(stream)).toBe(true);
      return { ...subject, stream, streamId: stream.streamId, epoch: stream.epoch };
    }

    test('a waiting stream has facts and a state copy; it has no owner, and its log is empty', async () => {
      const { store, stream, streamId, epoch } = await waiting();
      expect(await store.meta(streamId)).toMatchObject({ ...stream.facts, status: 'queued', epoch, length: 0 });
      expect(await store.state(streamId)).toBe(stream.state.toString());
      expect(await store.claim(streamId, epochSuffix())).toEqual({ what: 'queued' });
      expect(await store.remove(streamId, 'idle')).toBe('owned');
    });

    test('neither `wait` nor `create` succeeds for a stream that is waiting already', async () => {
      const { store, other, streamId } = await waiting();
      expect(await other.wait(sampleStream({ streamId }))).toBe(false);
      expect(await other.create(sampleStream({ streamId }))).toBe('exists');
      expect(await store.meta(streamId)).toMatchObject({ status: 'queued' });
    });

    test('neither frames nor the end can be written while a stream waits', async () => {
      const { store, stream, streamId, epoch } = await waiting();
      const batch = { streamId, epoch, position: 0, bytes: stream.frames };
      expect(await store.append([batch])).toEqual([{ what: 'fenced' }]);
      expect(await store.rebase(batch)).toEqual({ what: 'fenced' });
      expect(await store.renew([{ streamId, epoch, lastActivity, isFull: true }])).toEqual([{ what: 'fenced' }]);
      expect(await store.rewrite({ ...stream, epoch: nextEpoch(epoch) }, epoch)).toBe(false);
      const close = end(streamId, epoch, 0, { finalEpoch: nextEpoch(epoch) });
      expect(await store.close(close)).toMatchObject({ what: 'fenced' });
      expect(await store.meta(streamId)).toMatchObject({ status: 'queued', epoch, length: 0 });
    });

    test('only one of several callers begins a waiting stream, and the log consists of the frames of this caller', async () => {
      const { store, other, stream, streamId } = await waiting();
      const startTime = '2026-11-22T10:01:00.000Z';
      const rivals = Array.from({ length: 6 }, () => sampleStream({ streamId }));
      const begun = await Promise.all(
        rivals.map((rival, i) => (i % 2 ? store : other).begin({ ...rival, streamId, startTime })),
      );
      expect(begun.filter(Boolean)).toHaveLength(1);
      const winner = rivals[begun.indexOf(true)]!;
      expect(await readAll(store, streamId)).toMatchObject({
        status: 'active',
        epoch: winner.epoch,
        bytes: winner.frames,
      });
      expect(await store.meta(streamId)).toMatchObject({ ...stream.facts, startTime, lastActivity: startTime });
      expect((await store.claim(streamId, epochSuffix())).what).toBe('leased');
    });

    test('any process can end a waiting stream, and an ended stream cannot begin any more', async () => {
      const { store, stream, streamId } = await waiting();
      const seal = (await sealed(store, streamId, 'cancelled'))!;
      expect(seal).toMatchObject({ won: true, status: 'sealed', outcome: 'cancelled', length: 0 });
      expect(await store.begin({ ...stream, startTime: lastActivity })).toBe(false);
      const closed = await store.close(end(streamId, seal.epoch, 0, { outcome: 'cancelled' }));
      expect(closed.what).toBe('closed');
      expect(await store.meta(streamId)).toMatchObject({ status: 'cancelled' });
    });
  });

  describe(`${name}: append`, () => {
    test('puts the bytes of a batch at its position', async () => {
      const { store, append, stream, streamId } = await created();
      const one = await append('One');
      const two = await append('Two 🎉');
      const page = await readAll(store, streamId);
      expect(page.bytes).toEqual(Buffer.concat([stream.frames, one.bytes, two.bytes]));
      expect(page.length).toBe(two.length);
    });

    test('appends nothing if the position is not the end of the log, and returns the length of the log', async () => {
      const { store, append, streamId, epoch, first } = await created();
      const { bytes, length } = await append();
      for (const position of [0, first, length - 1, length + 1, length + bytes.length]) {
        expect(await store.append([{ streamId, epoch, position, bytes }])).toEqual([{ what: 'elsewhere', length }]);
      }
      expect((await readAll(store, streamId)).length).toBe(length);
    });

    test('does not append a batch twice if it is sent again after a lost reply, and returns the length of the log', async () => {
      const { store, append, streamId, epoch, first } = await created();
      const { bytes, length } = await append();
      const [retried] = await store.append([{ streamId, epoch, position: first, bytes }]);
      expect(retried).toEqual({ what: 'elsewhere', length });
    });

    test('is refused under another epoch, at any position', async () => {
      const { store, streamId, first } = await created();
      for (const position of [first, 0]) {
        const batch = { streamId, epoch: firstEpoch(), position, bytes: Buffer.from('x') };
        expect(await store.append([batch])).toEqual([{ what: 'fenced' }]);
      }
      expect((await readAll(store, streamId)).length).toBe(first);
    });

    test('is refused once the end is decided, and once the end is written', async () => {
      const { store, streamId, epoch, first } = await created();
      const batch = { streamId, epoch, position: first, bytes: Buffer.from('x') };
      const seal = (await sealed(store, streamId))!;
      expect(await store.append([batch])).toEqual([{ what: 'fenced' }]);
      expect(await store.append([{ ...batch, epoch: seal.epoch }])).toEqual([{ what: 'fenced' }]);
      await store.close(end(streamId, seal.epoch, first));
      const { length } = await readAll(store, streamId);
      for (const by of [epoch, seal.epoch])
        expect(await store.append([{ ...batch, epoch: by, position: length }])).toEqual([{ what: 'fenced' }]);
    });

    test('reports `gone` if the stream never existed or was removed', async () => {
      const { store, streamId, epoch } = await created();
      const batch = { epoch, position: 0, bytes: Buffer.from('x') };
      expect(await store.append([{ ...batch, streamId: randomId('s') }])).toEqual([{ what: 'gone' }]);
      await store.remove(streamId, 'any');
      expect(await store.append([{ ...batch, streamId }])).toEqual([{ what: 'gone' }]);
      expect(await store.read(streamId, 'base', PAGE)).toBe('deleted');
    });

    test('accepts or refuses each batch on its own, and returns the results in the order of the batches', async () => {
      const one = await created();
      const two = sampleStream();
      const three = sampleStream();
      await one.store.create(two);
      await one.store.create(three);
      const batch = (stream: NewStream, position = stream.frames.length) => ({
        streamId: stream.streamId,
        epoch: stream.epoch,
        position,
        bytes: framesOf([textDelta(stream.streamId)], stream.epoch, position),
      });
      const good = [batch(one.stream), batch(two), batch(three)];
      const next = batch(two, two.frames.length + good[1]!.bytes.length);
      const answers = await one.store.append([
        good[0]!,
        batch(two, 1),
        good[1]!,
        { ...good[2]!, epoch: firstEpoch() },
        { ...good[2]!, streamId: randomId('s') },
        next,
        good[2]!,
      ]);
      expect(answers).toEqual([
        { what: 'appended', length: one.first + good[0]!.bytes.length },
        { what: 'elsewhere', length: two.frames.length },
        { what: 'appended', length: next.position },
        { what: 'fenced' },
        { what: 'gone' },
        { what: 'appended', length: next.position + next.bytes.length },
        { what: 'appended', length: three.frames.length + good[2]!.bytes.length },
      ]);
      expect((await readAll(one.store, two.streamId)).bytes).toEqual(
        Buffer.concat([two.frames, good[1]!.bytes, next.bytes]),
      );
    });

    test('accepts any bytes, an empty batch, and an empty list of batches', async () => {
      const { store, streamId, epoch, first } = await created();
      const bytes = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));
      expect(await store.append([])).toEqual([]);
      expect(await store.append([{ streamId, epoch, position: first, bytes: Buffer.alloc(0) }])).toEqual([
        { what: 'appended', length: first },
      ]);
      await store.append([{ streamId, epoch, position: first, bytes }]);
      expect((await readAll(store, streamId)).bytes.subarray(first)).toEqual(bytes);
    });
  });

  describe(`${name}: read`, () => {
    test('continues after an event id that is on the log', async () => {
      const { store, append, stream, streamId } = await created();
      const one = await append('One');
      const two = await append('Two');
      for (const [frames, rest] of [
        [stream.frames, Buffer.concat([one.bytes, two.bytes])],
        [one.bytes, two.bytes],
        [two.bytes, Buffer.alloc(0)],
      ] as const) {
        const id = lastId(frames);
        expect(await store.read(streamId, id, PAGE)).toMatchObject({
          onLog: true,
          position: id.position,
          bytes: rest,
          length: two.length,
        });
      }
    });

    test('begins at the base for an event id that is not on the log', async () => {
      const { store, append, stream, streamId, epoch, first } = await created();
      const one = await append('One');
      const elsewhere: EventId[] = [
        { epoch: firstEpoch(), position: first },
        { epoch, position: first - 1 },
        { epoch, position: first + 1 },
        { epoch, position: one.length + 1 },
        { epoch, position: one.length + 1000 },
        { epoch, position: 1 },
        { epoch: `9${epoch}`, position: first },
        { epoch: epoch.slice(0, -1), position: first },
      ];
      for (const id of elsewhere) {
        expect(await store.read(streamId, id, PAGE)).toMatchObject({
          onLog: false,
          position: 0,
          bytes: Buffer.concat([stream.frames, one.bytes]),
        });
      }
    });

    test('continues from a known position', async () => {
      const { store, append, streamId, first } = await created();
      const one = await append('One');
      expect(await store.read(streamId, first, PAGE)).toMatchObject({ onLog: true, position: first, bytes: one.bytes });
      expect(await store.read(streamId, one.length, PAGE)).toMatchObject({ bytes: Buffer.alloc(0) });
      expect(await store.read(streamId, one.length + 50, PAGE)).toMatchObject({
        bytes: Buffer.alloc(0),
        length: one.length,
      });
    });

    test('returns pages of the requested size, which together are the whole log', async () => {
      const { store, append, streamId } = await created();
      for (let i = 0; i < 20; i++) await append(`${i} 🎉`);
      const whole = await readAll(store, streamId);
      for (const pageBytes of [1, 7, 64, 1000, whole.length, PAGE]) {
        const pages: Buffer[] = [];
        for (let position = 0; position < whole.length; position += pages.at(-1)!.length) {
          const page = (await store.read(streamId, position, pageBytes)) as Page;
          expect(page.bytes.length).toBe(Math.min(pageBytes, whole.length - position));
          pages.push(page.bytes);
        }
        expect(Buffer.concat(pages)).toEqual(whole.bytes);
      }
    });

    test('returns status, epoch, length and lease together with the bytes', async () => {
      const { store, stream, streamId, epoch, first } = await created();
      const page = await readAll(store, streamId);
      expect(page).toMatchObject({ status: 'active', epoch, base: 0, length: first, userId: stream.facts.userId });
      expect(page.leaseLeftMs).toBeGreaterThan(CALM.leaseMs / 2);
      expect(page.leaseLeftMs).toBeLessThanOrEqual(CALM.leaseMs);
      const seal = (await sealed(store, streamId))!;
      expect(await readAll(store, streamId)).toMatchObject({ status: 'sealed', epoch: seal.epoch });
      await store.close(end(streamId, seal.epoch, first, { outcome: 'cancelled' }));
      expect(await readAll(store, streamId)).toMatchObject({ status: 'cancelled' });
    });

    test('distinguishes a missing stream from a deleted one', async () => {
      const { store, streamId } = await created();
      expect(await store.read(randomId('s'), 'base', PAGE)).toBe('gone');
      await store.remove(streamId, 'any');
      for (const from of ['base', 0, { epoch: '1abc', position: 3 }] as const)
        expect(await store.read(streamId, from, PAGE)).toBe('deleted');
    });
  });

  describe(`${name}: meta and state`, () => {
    test('are null if the stream never existed or was removed', async () => {
      const { store, streamId } = await created();
      const unknown = randomId('s');
      expect([await store.meta(unknown), await store.state(unknown)]).toEqual([null, null]);
      await store.remove(streamId, 'any');
      expect([await store.meta(streamId), await store.state(streamId)]).toEqual([null, null]);
    });

    test("meta says in how many milliseconds the owner's lease expires", async () => {
      const { store, streamId } = await created();
      const left = (await store.meta(streamId))!.leaseLeftMs;
      expect(left).toBeGreaterThan(CALM.leaseMs - 5000);
      expect(left).toBeLessThanOrEqual(CALM.leaseMs + 5000);
    });
  });

  describe(`${name}: renew`, () => {
    test('renews only the caller’s leases, and returns the results in the order of the renewals', async () => {
      const { store, streamId, epoch } = await created();
      const foreign = sampleStream();
      const ended = sampleStream();
      await store.create(foreign);
      await store.create(ended);
      await sealed(store, ended.streamId);
      const before = Date.now();
      const answers = await store.renew([
        { streamId: foreign.streamId, epoch: firstEpoch(), lastActivity, isFull: true },
        { streamId, epoch, isFull: false },
        { streamId: randomId('s'), epoch, lastActivity, isFull: true },
        { streamId: ended.streamId, epoch: ended.epoch, lastActivity, isFull: true },
      ]);
      expect(answers).toMatchObject([{ what: 'fenced' }, { what: 'renewed' }, { what: 'gone' }, { what: 'fenced' }]);
      const renewed = answers[1]!;
      expect(renewed.what === 'renewed' && renewed.deadline).toBeGreaterThanOrEqual(before + CALM.leaseMs - 100);
    });

    test('stores the last activity of the model only for the caller’s streams', async () => {
      const { store, other, streamId, epoch } = await created();
      const [second, foreign, silent] = [sampleStream(), sampleStream(), sampleStream()];
      for (const stream of [second, foreign, silent]) await store.create(stream);
      const later = '2026-11-22T10:00:07.000Z';
      await store.renew([
        { streamId: foreign.streamId, epoch: nextEpoch(foreign.epoch), lastActivity, isFull: true },
        { streamId: silent.streamId, epoch: silent.epoch, isFull: true },
        { streamId, epoch, lastActivity, isFull: false },
        { streamId: second.streamId, epoch: second.epoch, lastActivity: later, isFull: true },
      ]);
      const heard = async (id: string) => (await other.meta(id))!.lastActivity;
      expect(await heard(streamId)).toBe(lastActivity);
      expect(await heard(second.streamId)).toBe(later);
      expect(await heard(foreign.streamId)).toBe(foreign.facts.startTime);
      expect(await heard(silent.streamId)).toBe(silent.facts.startTime);
    });

    test('reports a deleted stream as gone', async () => {
      const { store, streamId, epoch } = await created();
      await store.remove(streamId, 'any');
      expect(await store.renew([{ streamId, epoch, lastActivity, isFull: true }])).toEqual([{ what: 'gone' }]);
    });
  });

  describe(`${name}: claim`, () => {
    test('does not take a stream from a live owner', async () => {
      const { store, other, streamId, epoch } = await created();
      const claim = await other.claim(streamId, epochSuffix());
      expect(claim.what).toBe('leased');
      expect(claim.what === 'leased' && claim.leftMs).toBeGreaterThan(CALM.leaseMs / 2);
      expect(await store.meta(streamId)).toMatchObject({ epoch, status: 'active' });
    });

    test('returns the time since the seal for a sealed stream, the status for an ended one, and `gone` for a missing one', async () => {
      const { store, streamId, first } = await created();
      expect(await store.claim(randomId('s'), epochSuffix())).toEqual({ what: 'gone' });
      const seal = (await sealed(store, streamId))!;
      const claim = await store.claim(streamId, epochSuffix());
      expect(claim.what).toBe('sealed');
      expect(claim.what === 'sealed' && claim.forMs).toBeLessThan(5000);
      await store.close(end(streamId, seal.epoch, first, { outcome: 'cancelled' }));
      expect(await store.claim(streamId, epochSuffix())).toEqual({ what: 'ended', status: 'cancelled' });
      await store.remove(streamId, 'any');
      expect(await store.claim(streamId, epochSuffix())).toEqual({ what: 'gone' });
    });
  });

  if (owes('takeover')) {
    describe(`${name}: leases`, () => {
      test('an owner whose lease has expired keeps its stream as long as no other process has taken the stream over', async () => {
        const { store, streamId, epoch, append } = await created(BRIEF);
        await vi.waitFor(async () => expect((await store.meta(streamId))!.leaseLeftMs).toBeLessThan(0));
        await append('late, but mine');
        expect((await store.renew([{ streamId, epoch, lastActivity, isFull: true }]))[0]).toMatchObject({
          what: 'renewed',
        });
        expect((await store.meta(streamId))!.leaseLeftMs).toBeGreaterThan(0);
      });

      test('a stream with an expired lease is taken over by one caller, under a higher epoch; the old owner is refused', async () => {
        const { store, other, streamId, epoch, append } = await created(BRIEF);
        const { length } = await append();
        await vi.waitFor(async () => expect((await store.meta(streamId))!.leaseLeftMs).toBeLessThan(0));
        const claims = await Promise.all(
          Array.from({ length: 8 }, (_, i) => (i % 2 ? store : other).claim(streamId, epochSuffix())),
        );
        expect(claims.map(({ what }) => what).sort()).toEqual(['claimed', ...Array<string>(7).fill('leased')]);
        const claim = claims.find(({ what }) => what === 'claimed')!;
        expect(claim).toMatchObject({ length, base: 0, lapses: 1, barren: 0 });
        const taken = claim.what === 'claimed' ? claim.epoch : '';
        expect(taken).toMatch(/^2[a-z]/);

        const bytes = framesOf([textDelta('I am still here')], epoch, length);
        expect(await store.append([{ streamId, epoch, position: length, bytes }])).toEqual([{ what: 'fenced' }]);
        expect(await store.renew([{ streamId, epoch, lastActivity, isFull: true }])).toEqual([{ what: 'fenced' }]);
        expect(await store.release({ streamId, epoch })).toBe(false);
        expect(await store.checkpoint(streamId, epoch, 0, [{ offset: 0, bytes: Buffer.from('{}') }])).toBe(false);
        expect((await store.close(end(streamId, epoch, length))).what).toBe('fenced');
        await append('I am new here', taken);
      });

      test('`lapses` counts lost owners, and `barren` the latest ones in a row that wrote nothing; a handover changes neither', async () => {
        const { store, streamId, append } = await created(BRIEF);
        const counts = async () => {
          const { epoch, lapses, barren } = await claimed(store, streamId);
          return { epoch, counts: { lapses, barren } };
        };
        expect((await counts()).counts).toEqual({ lapses: 1, barren: 1 });
        const second = await counts();
        expect(second.counts).toEqual({ lapses: 2, barren: 2 });
        await append('something', second.epoch);
        const third = await counts();
        expect(third.counts).toEqual({ lapses: 3, barren: 0 });
        expect(await store.release({ streamId, epoch: third.epoch })).toBe(true);
        const fourth = await counts();
        expect(fourth.counts).toEqual({ lapses: 3, barren: 0 });
        expect((await counts()).counts).toEqual({ lapses: 4, barren: 1 });
      });

      test('a lost owner that only began a new attempt counts in `barren`', async () => {
        const { store, streamId } = await created(BRIEF);
        const { epoch, length } = await claimed(store, streamId);
        const bytes = framesOf([{ type: 'start', messageId: 'm' }], epoch, length);
        await store.rebase({ streamId, epoch, position: length, bytes });
        expect(await claimed(store, streamId)).toMatchObject({ lapses: 2, barren: 2, base: length });
      });

      test('a lease can be given up, and another process can take the stream over without waiting', async () => {
        const { store, other, streamId, epoch } = await created();
        expect(await store.release({ streamId, epoch: firstEpoch() })).toBe(false);
        expect(await store.release({ streamId, epoch })).toBe(true);
        expect(await other.claim(streamId, epochSuffix())).toMatchObject({
          what: 'claimed',
          lapses: 0,
          barren: 0,
          isHandover: true,
        });
        expect(await store.release({ streamId, epoch })).toBe(false);
      });

      test('a process that has given up a lease cannot renew it, and another process can take the stream over', async () => {
        const { store, other, streamId, epoch } = await created();
        await store.release({ streamId, epoch });
        expect(await store.renew([{ streamId, epoch, lastActivity, isFull: true }])).toEqual([{ what: 'fenced' }]);
        expect(await store.remove(streamId, 'idle')).toBe('owned');
        expect((await other.claim(streamId, epochSuffix())).what).toBe('claimed');
      });

      test('a lease cannot be given up once the end is decided', async () => {
        const { store, streamId, epoch } = await created();
        await sealed(store, streamId);
        expect(await store.release({ streamId, epoch })).toBe(false);
      });

      test('a stream whose lease has expired is idle, so it can be removed', async () => {
        const { store, streamId } = await created(BRIEF);
        await vi.waitFor(async () => expect(await store.remove(streamId, 'idle')).toBe('removed'));
      });

      test('streams whose deadlines have passed are due, the earliest deadline first, until they get a new deadline', async () => {
        const { store, streamId } = await created();
        const { streamId: later } = sampleStream();
        const now = Date.now();
        await store.index([
          { streamId: later, deadline: now - 1000 },
          { streamId, deadline: now - 2000 },
        ]);
        await vi.waitFor(async () => expect((await store.due(1000)).filter(isOurs)).toEqual([streamId, later]));
        expect((await store.due(1)).length).toBe(1);
        await store.index([{ streamId }]);
        expect((await store.due(1000)).filter(isOurs)).toEqual([later]);
        await store.unindex(later, '');

        function isOurs(id: string): boolean {
          return id === streamId || id === later;
        }
      });

      test('a stream is due even if it was removed from the set of a person’s streams', async () => {
        const { store, other, streamId, stream, epoch } = await created();
        const { userId } = stream.facts;
        await store.index([{ streamId, userId, deadline: 0 }]);
        await other.unindexUser(streamId, userId);
        expect(await store.userStreams(userId)).toEqual([]);
        await store.release({ streamId, epoch });
        expect(await other.due(1000)).toContain(streamId);
        await store.unindex(streamId, userId);
      });

      test('a stream with the deadline 0 is due until it is removed from the index', async () => {
        const { store, other, streamId, stream } = await created();
        await store.index([{ streamId, deadline: 0 }]);
        expect(await other.due(1000)).toContain(streamId);
        await store.unindex(streamId, stream.facts.userId);
        expect(await other.due(1000)).not.toContain(streamId);
      });
    });
  }

  describe(`${name}: rebase`, () => {
    test('begins a new attempt: reads from the base begin with its frames, and earlier event ids stay valid', async () => {
      const { store, append, stream, streamId, epoch } = await created();
      const { length } = await append('given up');
      const bytes = framesOf([{ type: 'start', messageId: 'm' }], epoch, length);
      expect(await store.rebase({ streamId, epoch, position: length, bytes })).toEqual({
        what: 'appended',
        length: length + bytes.length,
      });
      expect(await store.read(streamId, 'base', PAGE)).toMatchObject({ position: length, base: length, bytes });
      expect(await store.read(streamId, lastId(stream.frames), PAGE)).toMatchObject({ onLog: true });
      expect(await store.read(streamId, { epoch: firstEpoch(), position: 7 }, PAGE)).toMatchObject({
        onLog: false,
        position: length,
        bytes,
      });
      expect(await store.meta(streamId)).toMatchObject({ base: length, length: length + bytes.length });
    });

    test('is refused at another position, under another epoch, for a missing stream, and after a seal', async () => {
      const { store, streamId, epoch, first } = await created();
      const batch = { streamId, epoch, position: first, bytes: Buffer.from('x') };
      expect(await store.rebase({ ...batch, position: 1 })).toEqual({ what: 'elsewhere', length: first });
      expect(await store.rebase({ ...batch, epoch: firstEpoch() })).toEqual({ what: 'fenced' });
      expect(await store.rebase({ ...batch, streamId: randomId('s') })).toEqual({ what: 'gone' });
      await sealed(store, streamId);
      expect(await store.rebase(batch)).toEqual({ what: 'fenced' });
      expect(await store.meta(streamId)).toMatchObject({ base: 0, length: first });
    });
  });

  describe(`${name}: rewrite`, () => {
    /** The same stream, as its owner writes it again under the next epoch. */
    const anew = ({ streamId, facts, epoch }: NewStream): NewStream => {
      const fresh = sampleStream({ streamId, ...facts, epoch: nextEpoch(epoch) });
      const frames = framesOf([{ type: 'start', messageId: facts.messageId }, textDelta('so far')], fresh.epoch, 0);
      return { ...fresh, frames, state: Buffer.from('{"status":"active","accumulatedContent":"so far"}') };
    };

    test('replaces the caller’s own log by another one under a new epoch', async () => {
      const { store, append, stream, streamId, epoch } = await created();
      const { bytes: old, length } = await append('old');
      const fresh = anew(stream);
      expect(await store.rewrite(fresh, epoch)).toBe(true);
      expect(await store.meta(streamId)).toMatchObject({
        ...stream.facts,
        status: 'active',
        epoch: fresh.epoch,
        base: 0,
        length: fresh.frames.length,
      });
      expect(await store.state(streamId)).toBe(fresh.state.toString());
      expect(await store.read(streamId, lastId(old), PAGE)).toMatchObject({ onLog: false, bytes: fresh.frames });
      expect(await store.append([{ streamId, epoch, position: length, bytes: old }])).toEqual([{ what: 'fenced' }]);
    });

    test('sets the base back to 0', async () => {
      const { store, append, stream, streamId, epoch } = await created();
      const { length } = await append('given up');
      await store.rebase({ streamId, epoch, position: length, bytes: framesOf([textDelta('x')], epoch, length) });
      const fresh = anew(stream);
      await store.rewrite(fresh, epoch);
      expect(await store.read(streamId, 'base', PAGE)).toMatchObject({ position: 0, bytes: fresh.frames });
    });

    test('is refused if the stream belongs to another process, is ending, has ended, or was deleted', async () => {
      const { store, stream, streamId, epoch, first } = await created();
      expect(await store.rewrite(anew(stream), firstEpoch())).toBe(false);
      const seal = (await sealed(store, streamId))!;
      expect(await store.rewrite(anew(stream), epoch)).toBe(false);
      expect(await store.rewrite(anew(stream), seal.epoch)).toBe(false);
      await store.close(end(streamId, seal.epoch, first));
      expect(await store.rewrite(anew(stream), seal.epoch)).toBe(false);
      await store.remove(streamId, 'any');
      expect(await store.rewrite(anew(stream), epoch)).toBe(false);
      expect(await store.read(streamId, 'base', PAGE)).toBe('deleted');
    });

    test('takes effect only once if the call is repeated', async () => {
      const { store, stream, streamId, epoch } = await created();
      const fresh = anew(stream);
      expect(await store.rewrite(fresh, epoch)).toBe(true);
      expect(await store.rewrite(fresh, epoch)).toBe(false);
      expect((await readAll(store, streamId)).bytes).toEqual(fresh.frames);
    });

    test('counts as activity', async () => {
      const { store, stream, streamId, epoch } = await created();
      await store.rewrite(anew(stream), epoch);
      const { lastActivity } = (await store.meta(streamId))!;
      expect(Date.parse(lastActivity)).toBeGreaterThan(Date.parse(stream.facts.startTime));
    });

    test('writes a deleted stream again once its tombstone has expired', async () => {
      const { store, stream, streamId, epoch } = await created({ leaseMs: 20, ttlMs: 200 });
      await store.remove(streamId, 'any');
      expect(await store.rewrite(anew(stream), epoch)).toBe(false);
      await vi.waitFor(async () => expect(await store.read(streamId, 'base', PAGE)).toBe('gone'));
      expect(await store.rewrite(anew(stream), epoch)).toBe(true);
    });

    if (owes('loss')) {
      test('writes a completely lost stream again', async () => {
        const { store, lose, stream, streamId, epoch } = await created();
        await lose(streamId);
        expect(await store.append([{ streamId, epoch, position: 0, bytes: Buffer.from('x') }])).toEqual([
          { what: 'gone' },
        ]);
        const fresh = anew(stream);
        expect(await store.rewrite(fresh, epoch)).toBe(true);
        expect(await store.meta(streamId)).toMatchObject({ ...stream.facts, epoch: fresh.epoch, status: 'active' });
        expect((await readAll(store, streamId)).bytes).toEqual(fresh.frames);
        expect(await store.claim(streamId, epochSuffix())).toMatchObject({ what: 'leased' });
        expect((await sealed(store, streamId))!.won).toBe(true);
      });
    }
  });

  describe(`${name}: seal`, () => {
    test('decides the outcome, raises the epoch and returns the length of the log', async () => {
      const { store, append, streamId } = await created();
      const { length } = await append();
      const error = { code: 'stalled' as const, text: 'The model stopped.' };
      const seal = await store.seal(streamId, { suffix: epochSuffix(), outcome: 'error', error });
      expect(seal).toMatchObject({ won: true, status: 'sealed', outcome: 'error', length });
      expect(seal!.epoch).toMatch(/^2[a-z][a-z0-9]{3}$/);
      expect(await store.meta(streamId)).toMatchObject({
        status: 'sealed',
        outcome: 'error',
        epoch: seal!.epoch,
        error,
      });
    });

    test('stores the person who stopped the answer; a later seal does not replace this person', async () => {
      const { store, append, streamId } = await created();
      await append();
      const seal = (name: string) =>
        store.seal(streamId, {
          suffix: epochSuffix(),
          outcome: 'cancelled',
          error: null,
          stoppedBy: { userId: name.toLowerCase(), name },
        });
      expect((await store.meta(streamId))!.stoppedBy).toBeUndefined();
      await seal('Ann ☕');
      await seal('Bob');
      expect((await store.meta(streamId))!.stoppedBy).toEqual({ userId: 'ann ☕', name: 'Ann ☕' });
    });

    test('is won by one of several callers, and the others get the outcome that the winner decided', async () => {
      const { store, other, streamId } = await created();
      const outcomes = ['completed', 'cancelled', 'error', 'cancelled', 'completed'] as const;
      const seals = await Promise.all(outcomes.map((outcome, i) => sealed(i % 2 ? store : other, streamId, outcome)));
      const winner = seals.findIndex((seal) => seal!.won);
      expect(seals.filter((seal) => seal!.won)).toHaveLength(1);
      for (const seal of seals)
        expect(seal).toMatchObject({ status: 'sealed', outcome: outcomes[winner], epoch: seals[winner]!.epoch });
    });

    test('with `ownerEpoch`, succeeds only if the stream has this epoch', async () => {
      const { store, streamId, epoch } = await created();
      expect(await sealed(store, streamId, 'completed', firstEpoch())).toMatchObject({
        won: false,
        status: 'active',
        outcome: null,
      });
      expect(await store.meta(streamId)).toMatchObject({ status: 'active', outcome: null, epoch });
      expect(await sealed(store, streamId, 'completed', epoch)).toMatchObject({ won: true, status: 'sealed' });
    });

    test('changes nothing once the stream has ended', async () => {
      const { store, streamId, epoch, first } = await created();
      await store.close(end(streamId, epoch, first));
      expect(await sealed(store, streamId)).toMatchObject({ won: false, status: 'completed', outcome: 'completed' });
      expect(await store.meta(streamId)).toMatchObject({ status: 'completed' });
    });

    test('returns null if the stream never existed or was removed', async () => {
      const { store, streamId } = await created();
      expect(await sealed(store, randomId('s'))).toBeNull();
      await store.remove(streamId, 'any');
      expect(await sealed(store, streamId)).toBeNull();
    });

    test('leaves only the end to be written: renewals, new attempts and checkpoints are refused', async () => {
      const { store, streamId, epoch, first } = await created();
      const seal = (await sealed(store, streamId))!;
      for (const by of [epoch, seal.epoch]) {
        expect(await store.renew([{ streamId, epoch: by, lastActivity, isFull: true }])).toEqual([{ what: 'fenced' }]);
        const batch = { streamId, epoch: by, position: first, bytes: Buffer.from('x') };
        expect(await store.rebase(batch)).toEqual({ what: 'fenced' });
      }
      expect(await store.checkpoint(streamId, epoch, 0, [{ offset: 0, bytes: Buffer.from('{}') }])).toBe(false);
    });
  });

  describe(`${name}: close`, () => {
    test('writes the end after a seal, at exactly the sealed length', async () => {
      const { store, append, streamId } = await created();
      const { length } = await append();
      const { epoch } = (await sealed(store, streamId))!;
      for (const position of [0, length - 1, length + 1])
        expect(await store.close(end(streamId, epoch, position))).toEqual({ what: 'elsewhere', length });
      const close = end(streamId, epoch, length, { outcome: 'cancelled' });
      expect(await store.close(close)).toMatchObject({
        what: 'closed',
        length: length + close.frames.length,
      });
      expect(await store.meta(streamId)).toMatchObject({
        status: 'cancelled',
        outcome: 'cancelled',
        epoch,
        length: length + close.frames.length,
        sha256: close.sha256,
        lastActivity: close.lastActivity,
      });
      expect((await readAll(store, streamId)).bytes.subarray(length)).toEqual(close.frames);
    });

    test('needs no seal if the owner passes its own epoch', async () => {
      const { store, append, streamId, epoch } = await created();
      const { length } = await append();
      const finalEpoch = nextEpoch(epoch);
      const error = { code: 'model_error' as const, text: 'No.' };
      const close = end(streamId, epoch, length, { finalEpoch, outcome: 'error', error });
      expect((await store.close(close)).what).toBe('closed');
      expect(await store.meta(streamId)).toMatchObject({ status: 'error', epoch: finalEpoch, error });
    });

    test('reports `already` if it is repeated after a lost reply, and does not write twice', async () => {
      const { store, streamId, epoch, first } = await created();
      const close = end(streamId, epoch, first, { finalEpoch: nextEpoch(epoch) });
      const { length } = await store.close(close);
      expect(await store.close(close)).toEqual({ what: 'already', length });
      expect((await readAll(store, streamId)).length).toBe(length);
    });

    test('is refused if the stream has another epoch', async () => {
      const { store, streamId, epoch, first } = await created();
      expect((await store.close(end(streamId, firstEpoch(), first))).what).toBe('fenced');
      const seal = (await sealed(store, streamId, 'cancelled'))!;
      expect((await store.close(end(streamId, epoch, first))).what).toBe('fenced');
      await store.close(end(streamId, seal.epoch, first, { outcome: 'cancelled' }));
      const late = end(streamId, epoch, first, { finalEpoch: nextEpoch(seal.epoch) });
      expect((await store.close(late)).what).toBe('fenced');
      expect(await store.meta(streamId)).toMatchObject({ status: 'cancelled', epoch: seal.epoch });
    });

    test('reports `gone` if the stream never existed or was removed', async () => {
      const { store, streamId, epoch, first } = await created();
      expect((await store.close(end(randomId('s'), epoch, first))).what).toBe('gone');
      await store.remove(streamId, 'any');
      expect((await store.close(end(streamId, epoch, first))).what).toBe('gone');
    });

    test("keeps the seal's error if the close has none", async () => {
      const { store, streamId, first } = await created();
      const error = { code: 'abandoned' as const, text: 'Lost.' };
      const seal = (await store.seal(streamId, { suffix: 'abc', outcome: 'error', error }))!;
      await store.close(end(streamId, seal.epoch, first, { outcome: 'error' }));
      expect(await store.meta(streamId)).toMatchObject({ status: 'error', error });
    });

    test('patches the state copy if it still has the length that the caller passes', async () => {
      const { store, stream, streamId, epoch, first } = await created();
      const { length } = stream.state;
      const patches = [
        { offset: 11, bytes: Buffer.from('closed') },
        { offset: length - 2, bytes: Buffer.from('the end"}') },
      ];
      const closed = await store.close(end(streamId, epoch, first, { state: { length, patches } }));
      expect(closed).toMatchObject({ what: 'closed', isPatched: true });
      expect(await store.state(streamId)).toBe('{"status":"closed","accumulatedContent":"the end"}');
    });

    test('does not patch the state copy if the copy does not have the length that the caller passes', async () => {
      const { store, stream, streamId, epoch, first } = await created();
      const state = { length: stream.state.length + 1, patches: [{ offset: 5, bytes: Buffer.from('???') }] };
      const closed = await store.close(end(streamId, epoch, first, { state }));
      expect(closed).toMatchObject({ what: 'closed', isPatched: false });
      expect(await store.state(streamId)).toBe(stream.state.toString());
    });

    test('replaces the whole state copy with a patch at offset 0, even if the patch is shorter or longer than the copy', async () => {
      for (const whole of ['{}', `{"accumulatedContent":"${'x'.repeat(100)}"}`]) {
        const { store, streamId, epoch, first } = await created();
        const patches = [{ offset: 0, bytes: Buffer.from(whole) }];
        await store.close(end(streamId, epoch, first, { state: { length: 0, patches } }));
        expect(await store.state(streamId)).toBe(whole);
      }
    });
  });

  describe(`${name}: checkpoint`, () => {
    test('writes patches into the state copy', async () => {
      const { store, stream, streamId, epoch } = await created();
      const { length } = stream.state;
      const grown = [{ offset: length - 2, bytes: Buffer.from('Hello 🎉"}') }];
      expect(await store.checkpoint(streamId, epoch, length, grown)).toBe(true);
      expect(await store.state(streamId)).toBe('{"status":"active","accumulatedContent":"Hello 🎉"}');
      const patched = [{ offset: 11, bytes: Buffer.from('ACTIVE') }];
      expect(await store.checkpoint(streamId, epoch, length + 10, patched)).toBe(true);
      expect(await store.state(streamId)).toBe('{"status":"ACTIVE","accumulatedContent":"Hello 🎉"}');
    });

    test('replaces the whole copy with a patch at offset 0, even if the copy does not have the length that the caller passes', async () => {
      const { store, streamId, epoch } = await created();
      const whole = { offset: 0, bytes: Buffer.from('{"status":"new"}') };
      expect(await store.checkpoint(streamId, epoch, 12345, [whole])).toBe(true);
      expect(await store.state(streamId)).toBe('{"status":"new"}');
    });

    test('is refused if the copy does not have the length that the caller passes, or if the caller does not own the stream', async () => {
      const { store, stream, streamId, epoch } = await created();
      const patches = [{ offset: 11, bytes: Buffer.from('ACTIVE') }];
      const { length } = stream.state;
      expect(await store.checkpoint(streamId, epoch, length - 1, patches)).toBe(false);
      expect(await store.checkpoint(streamId, firstEpoch(), length, patches)).toBe(false);
      expect(await store.checkpoint(randomId('s'), epoch, length, patches)).toBe(false);
      expect(await store.state(streamId)).toBe(stream.state.toString());
      await store.remove(streamId, 'any');
      expect(await store.checkpoint(streamId, epoch, 0, [{ offset: 0, bytes: Buffer.from('{}') }])).toBe(false);
      expect(await store.state(streamId)).toBeNull();
    });
  });

  describe(`${name}: remove`, () => {
    test('with `any`, removes a stream even if its owner is alive', async () => {
      const { store, streamId } = await created();
      expect(await store.remove(streamId, 'any')).toBe('removed');
      expect(await store.remove(streamId, 'any')).toBe('none');
      expect(await store.remove(randomId('s'), 'any')).toBe('none');
    });

    test('with `idle`, does not remove a stream whose owner is alive', async () => {
      const { store, streamId, first } = await created();
      expect(await store.remove(streamId, 'idle')).toBe('owned');
      expect((await readAll(store, streamId)).length).toBe(first);
    });

    test('with `idle`, removes an ended stream, but not a stream whose end is being written', async () => {
      const { store, streamId, first } = await created();
      const seal = (await sealed(store, streamId))!;
      expect(await store.remove(streamId, 'idle')).toBe('owned');
      await store.close(end(streamId, seal.epoch, first));
      expect(await store.remove(streamId, 'idle')).toBe('removed');
      expect(await store.remove(streamId, 'idle')).toBe('none');
    });
  });

  describe(`${name}: look`, () => {
    test('returns many streams in the requested order, and null for missing ones', async () => {
      const { store, append, streamId } = await created();
      const { length } = await append();
      const ended = sampleStream();
      const deleted = sampleStream();
      await store.create(ended);
      await store.create(deleted);
      const close = end(ended.streamId, ended.epoch, ended.frames.length, { outcome: 'error' });
      await store.close(close);
      await store.remove(deleted.streamId, 'any');
      const looks = await store.look([ended.streamId, randomId('s'), streamId, deleted.streamId]);
      expect(looks).toMatchObject([
        { status: 'error', length: close.position + close.frames.length, base: 0 },
        null,
        { status: 'active', length, base: 0 },
        null,
      ]);
      const { leaseLeftMs } = looks[2] as { leaseLeftMs: number };
      expect(leaseLeftMs).toBeGreaterThan(CALM.leaseMs / 2);
    });
  });

  describe(`${name}: the notification`, () => {
    /** Creates a stream, and listens for its notifications through `other`. */
    async function followed(settings = CALM) {
      const subject = await created(settings);
      let rung = 0;
      const unlisten = await subject.other.listen(subject.streamId, () => void (rung += 1));
      onTestFinished(unlisten);
      await subject.other.look([subject.streamId]);
      return {
        ...subject,
        unlisten,
        async expectRing(what: () => Promise<unknown>) {
          const before = rung;
          await what();
          await vi.waitFor(() => expect(rung).toBeGreaterThan(before));
        },
        rung: () => rung,
      };
    }

    test('comes after an append, a new attempt and the end', async () => {
      const { store, append, streamId, epoch, expectRing } = await followed();
      await expectRing(() => append());
      const { length } = await readAll(store, streamId);
      const bytes = framesOf([{ type: 'start' }], epoch, length);
      await expectRing(() => store.rebase({ streamId, epoch, position: length, bytes }));
      await expectRing(() => store.close(end(streamId, epoch, length + bytes.length)));
    });

    test('comes after a rewrite of the log, and after the removal of the stream', async () => {
      const { store, stream, streamId, epoch, expectRing } = await followed();
      await expectRing(() => store.rewrite({ ...stream, epoch: nextEpoch(epoch) }, epoch));
      await expectRing(() => store.remove(streamId, 'any'));
    });

    test('reaches all listeners until they stop', async () => {
      const { store, append, streamId, expectRing, unlisten, rung } = await followed();
      let heard = 0;
      onTestFinished(await store.listen(streamId, () => void (heard += 1)));
      await expectRing(() => append('both hear it'));
      await vi.waitFor(() => expect(heard).toBe(1));
      unlisten();
      const before = rung();
      await append('one hears it');
      await vi.waitFor(() => expect(heard).toBe(2));
      expect(rung()).toBe(before);
    });

    test('reaches a listener that starts immediately after another one has stopped', async () => {
      const { store, append, streamId, unlisten, expectRing } = await followed();
      for (let i = 0; i < 20; i++) {
        let heard = 0;
        const stop = await store.listen(streamId, () => void (heard += 1));
        await append(`${i}`);
        await vi.waitFor(() => expect(heard).toBeGreaterThan(0), { interval: 1 });
        stop();
      }
      await expectRing(() => append('one still listens'));
      unlisten();
      let heard = 0;
      onTestFinished(await store.listen(streamId, () => void (heard += 1)));
      await append('and another now');
      await vi.waitFor(() => expect(heard).toBe(1));
    });

    if (owes('quiet-bells')) {
      test('is sent by appends as soon as there is a listener', async () => {
        const { other, append, streamId } = await created();
        await append('unheard');
        let rung = 0;
        onTestFinished(await other.listen(streamId, () => void (rung += 1)));
        await append('heard');
        await vi.waitFor(() => expect(rung).toBe(1));
      });
    }
  });

  describe(`${name}: announcements`, () => {
    test('reach every process', async () => {
      const { store, other } = await makeStore(CALM);
      const heard: [string, Announcement][] = [];
      store.onAnnouncement((announcement) => void heard.push(['one', announcement]));
      other.onAnnouncement((announcement) => void heard.push(['other', announcement]));
      for (const type of ['sealed', 'released'] as const) {
        const announcement = { type, streamId: randomId('s') };
        await vi.waitFor(async () => {
          await store.announce(announcement);
          const who = heard.filter(([, one]) => one.type === type && one.streamId === announcement.streamId);
          expect(new Set(who.map(([name]) => name))).toEqual(new Set(['one', 'other']));
          expect(who[0]![1]).toEqual(announcement);
        });
      }
    });
  });

  describe(`${name}: the indexes`, () => {
    test('contain a person’s streams until `unindex` removes these streams', async () => {
      const { store, other, stream, streamId } = await created();
      const { userId } = stream.facts;
      const second = randomId('s');
      await store.index([{ streamId: second, userId }]);
      expect((await other.userStreams(userId)).sort()).toEqual([streamId, second].sort());
      await other.unindex(streamId, userId);
      expect(await store.userStreams(userId)).toEqual([second]);
      expect(await store.userStreams(randomId('user'))).toEqual([]);
    });

    test('are not changed by adding or removing the same stream again', async () => {
      const { store, stream, streamId } = await created();
      const { userId } = stream.facts;
      await store.index([]);
      await store.index([{ streamId, userId }]);
      expect(await store.userStreams(userId)).toEqual([streamId]);
      for (let i = 0; i < 2; i++) await store.unindex(streamId, userId);
      expect(await store.userStreams(userId)).toEqual([]);
    });

    test('report a stream as due only after its deadline has passed, even if the stream has ended or is missing', async () => {
      const { store, streamId, epoch, first } = await created();
      expect(await store.due(1000)).not.toContain(streamId);
      await store.close(end(streamId, epoch, first));
      await store.index([{ streamId, deadline: 0 }]);
      expect(await store.due(1000)).toContain(streamId);
      await store.remove(streamId, 'any');
      expect(await store.due(1000)).toContain(streamId);
    });
  });

  describe(`${name}: expiry`, () => {
    test('removes an ended stream with everything that belongs to it', async () => {
      const { store, streamId, epoch, first } = await created({ leaseMs: 60_000, ttlMs: 80 });
      await store.close(end(streamId, epoch, first));
      expect(await store.meta(streamId)).not.toBeNull();
      await vi.waitFor(async () => expect(await store.meta(streamId)).toBeNull());
      expect(await store.read(streamId, 'base', PAGE)).toBe('gone');
      expect(await store.state(streamId)).toBeNull();
      expect(await store.create(sampleStream({ streamId }))).toBe('created');
    });

    test('never removes a stream that has an owner, even if ended streams expire quickly', async () => {
      const { store, streamId, epoch, append } = await created({ leaseMs: 60_000, ttlMs: 20 });
      const brief = await makeStore({ leaseMs: 60_000, ttlMs: 20 });
      const witness = sampleStream();
      await brief.store.create(witness);
      await brief.store.close(end(witness.streamId, witness.epoch, witness.frames.length));
      await vi.waitFor(async () => expect(await brief.store.meta(witness.streamId)).toBeNull());
      await append('still here');
      expect(await store.renew([{ streamId, epoch, lastActivity, isFull: true }])).toMatchObject([{ what: 'renewed' }]);
    });

    test('removes tombstones', async () => {
      const { store, streamId } = await created({ leaseMs: 20, ttlMs: 200 });
      await store.remove(streamId, 'any');
      expect(await store.read(streamId, 'base', PAGE)).toBe('deleted');
      await vi.waitFor(async () => expect(await store.read(streamId, 'base', PAGE)).toBe('gone'));
    });
  });
}
