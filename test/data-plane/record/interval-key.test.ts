import { createSecretKey } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type IntervalKey, intervalKeyId, openIntervalKey } from '#core/evidence/seal/interval-key.ts';
import { EvidenceKeySchema } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { IntervalKeys } from '../../../data-plane/record/interval-key.ts';
import { TestEvidenceKey } from '../../env/evidence.ts';

const MINUTE_MS = 60_000;
const evidence = new TestEvidenceKey('first');
let keys: IntervalKeys;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
  keys = new IntervalKeys();
});
afterEach(() => {
  keys.close();
  vi.useRealTimers();
});

/** The key for one more exchange, which must be there without waiting. */
function takeNow(): IntervalKey {
  const key = keys.take();
  if (key === undefined || key instanceof Promise) throw new Error('there is no key at once');
  return key;
}

/** Takes rarely until the key that is made ahead is there; it must be before this one is used up. */
async function settle(before: IntervalKey): Promise<void> {
  while (takeNow() === before) {
    for (let turn = 0; turn < 100; turn += 1) await new Promise((resolve) => setImmediate(resolve));
  }
}

test('without an evidence key there is none', () => {
  expect(keys.take()).toBeUndefined();
});

test('a key is sealed to the evidence key, and serves many exchanges', async () => {
  await keys.use(evidence.evidenceKey);
  const key = takeNow();
  expect(intervalKeyId(key.jwe)).toBe('first');
  const opened = await openIntervalKey(key.jwe, evidence.privateKey);
  expect(key.key.equals(createSecretKey(opened))).toBe(true);
  expect(takeNow()).toBe(key);
});

describe('a key is followed by another', () => {
  test('that is made ahead, so that nobody waits', async () => {
    await keys.use(evidence.evidenceKey);
    const first = takeNow();
    for (let used = 1; used < 500; used += 1) expect(takeNow()).toBe(first);
    await settle(first);
  });

  test('after 1,000 exchanges at most, however fast they come', async () => {
    await keys.use(evidence.evidenceKey);
    const used = new Map<string, number>();
    for (let exchange = 0; exchange < 5_000; exchange += 1) {
      const jwe = (await keys.take())?.jwe ?? '';
      used.set(jwe, (used.get(jwe) ?? 0) + 1);
    }
    expect(used.has('')).toBe(false);
    expect(Math.max(...used.values())).toBeLessThanOrEqual(1_000);
  });

  test('before it is a minute old, also when nothing happens', async () => {
    await keys.use(evidence.evidenceKey);
    const first = takeNow();
    vi.advanceTimersByTime(MINUTE_MS * 0.8);
    await settle(first);
    const second = takeNow();
    expect(second.jwe).not.toBe(first.jwe);
    vi.advanceTimersByTime(MINUTE_MS * 0.8);
    await settle(second);
  });

  test('that has to be waited for when none could be made ahead', async () => {
    await keys.use(evidence.evidenceKey);
    const first = takeNow();
    for (let used = 1; used < 1_000; used += 1) takeNow();
    const [one, other] = await Promise.all([keys.take(), keys.take()]);
    expect(one?.jwe).not.toBe(first.jwe);
    expect(other).toBe(one);
    // The process stood still, and no timer ran.
    vi.spyOn(performance, 'now').mockReturnValue(performance.now() + MINUTE_MS);
    const late = keys.take();
    expect(late).toBeInstanceOf(Promise);
    expect((await late)?.jwe).not.toBe(one?.jwe);
  });

  test('when the evidence key is another one, from the moment on that it is in use', async () => {
    await keys.use(evidence.evidenceKey);
    const first = takeNow();
    await keys.use(evidence.evidenceKey);
    expect(takeNow()).toBe(first);
    const second = new TestEvidenceKey('second');
    const using = keys.use(second.evidenceKey);
    expect(takeNow()).toBe(first);
    await using;
    expect(intervalKeyId(takeNow().jwe)).toBe('second');
  });
});

test.each([
  ['short', new Uint8Array(31)],
  ['of no use: what is agreed with it everybody knows', new Uint8Array(32)],
])('an evidence key that is %s is refused, and the one before serves on', async (_what, publicKey) => {
  await keys.use(evidence.evidenceKey);
  const first = takeNow();
  await expect(keys.use(create(EvidenceKeySchema, { id: 'bad', publicKey }))).rejects.toMatchObject({
    name: 'EvidenceError',
  });
  expect(takeNow()).toBe(first);
});

test('closed, it has forgotten its keys', async () => {
  await keys.use(evidence.evidenceKey);
  keys.close();
  expect(keys.take()).toBeUndefined();
});
