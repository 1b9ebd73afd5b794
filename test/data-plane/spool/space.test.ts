import { readdir, rm, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, type TestContext, test } from 'vitest';
import { openFrameLog } from '../../../data-plane/spool/frames.ts';
import { Space } from '../../../data-plane/spool/space.ts';
import type { Spool, SpoolOptions } from '../../../data-plane/spool/spool.ts';
import { until } from '../../env/until.ts';
import { drain, entry, openTestSpool, silent } from './env.ts';
import { fill, mountSmall } from './mounts.ts';

const MIB = 1024 * 1024;

/** A spool that closes to new exchanges when less than 8 of 24 MiB are free. */
async function openSmallSpool(
  context: TestContext,
  options: Partial<SpoolOptions> = {},
): Promise<{ spool: Spool; mount: string; directory: string }> {
  const mount = await mountSmall(context, 24 * MIB);
  const directory = join(mount, 'spool');
  const sizes = { segmentBytes: MIB, lowWaterBytes: 8 * MIB, reserveBytes: MIB };
  return { spool: await openTestSpool(directory, { ...sizes, ...options }), mount, directory };
}

const lowSpace = { name: 'SpoolError', code: 'low_space' };

describe('below the low-water mark', () => {
  test('no exchange begins, those that run end and refusals are recorded; with room again all goes on', async (context) => {
    const { spool, mount } = await openSmallSpool(context);
    await spool.append(entry('intent'), { opens: 'x' });
    await fill(join(mount, 'foreign'), 4 * MIB);
    await until('the spool noticing', () => spool.lowSpace);
    await expect(spool.append(entry('refused'), { opens: 'y' })).rejects.toMatchObject(lowSpace);
    await spool.append(entry('refusal'));
    await spool.append(entry('outcome'), { closes: 'x' });
    expect(spool.failure).toBeUndefined();
    await rm(join(mount, 'foreign'));
    await until('the spool noticing', () => !spool.lowSpace);
    await spool.append(entry('again'), { opens: 'z' });
    expect(await drain(spool)).toEqual(['1/1 intent', '1/2 refusal', '1/3 outcome', '1/4 again']);
  });

  test('it does not open and close by turns: somewhat more than the mark has to be free', async (context) => {
    const mount = await mountSmall(context, 24 * MIB);
    const space = new Space({ directory: mount, lowWaterBytes: 8 * MIB, reserveBytes: MIB, logger: silent });
    const lowWith = async (free: number): Promise<boolean> => {
      await rm(join(mount, 'foreign'), { force: true });
      await fill(join(mount, 'foreign'), free);
      await space.check();
      return space.low;
    };
    expect(await lowWith(9 * MIB)).toBe(false);
    expect(await lowWith(8.1 * MIB)).toBe(false);
    expect(await lowWith(7.9 * MIB)).toBe(true);
    expect(await lowWith(8.1 * MIB)).toBe(true);
    expect(await lowWith(9 * MIB)).toBe(false);
  });

  test('records that nobody takes fill it up to the mark and no further, and slow nothing down', async (context) => {
    const { spool, directory, mount } = await openSmallSpool(context);
    let taken = 0;
    const flood = async (): Promise<void> => {
      for (;;) {
        await spool.append(entry('intent', 'p'.repeat(100_000)), { opens: `x${taken}` });
        taken += 1;
      }
    };
    await expect(flood()).rejects.toMatchObject(lowSpace);
    const { bavail, bsize } = await statfs(mount);
    expect(bavail * bsize).toBeGreaterThan(4 * MIB);
    expect(bavail * bsize).toBeLessThan(8 * MIB);
    expect(spool.failure).toBeUndefined();

    // The control plane is back: what it takes makes room, as soon as the exchanges have ended.
    for (let index = 0; index < taken; index += 1)
      await spool.append(entry('outcome'), { closes: `x${index}` });
    expect(await drain(spool)).toHaveLength(2 * taken);
    await until('the spool noticing', () => !spool.lowSpace);
    expect((await readdir(directory)).filter((name) => name.endsWith('.spool')).length).toBeLessThan(3);
    await spool.append(entry('intent'), { opens: 'last' });
  });
});

describe('on a full disk', () => {
  test('outcomes and refusals go into the reserve, and it is made again when there is room', async (context) => {
    const { spool, mount, directory } = await openSmallSpool(context, { lowWaterBytes: 0 });
    await spool.append(entry('intent'), { opens: 'x' });
    await fill(join(mount, 'foreign'), 0);
    const large = 'p'.repeat(50_000);
    const [refused, ...others] = await Promise.allSettled([
      spool.append(entry('refused', large), { opens: 'y' }),
      spool.append(entry('refusal', large)),
      spool.append(entry('outcome', large), { closes: 'x' }),
    ]);
    expect(refused).toMatchObject({ status: 'rejected', reason: lowSpace });
    expect(others.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled']);
    expect(spool.failure).toBeUndefined();
    expect(spool.lowSpace).toBe(true);
    await expect(spool.append(entry('refused'), { opens: 'z' })).rejects.toMatchObject(lowSpace);
    expect(await readdir(directory)).not.toContain('reserve');

    await rm(join(mount, 'foreign'));
    await until('the spool noticing', () => !spool.lowSpace);
    expect(await readdir(directory)).toContain('reserve');
    await spool.append(entry('again'), { opens: 'z' });
    expect(await drain(spool)).toEqual(['1/1 intent', '1/2 refusal', '1/3 outcome', '1/4 again']);
  });

  test('refusals leave half of the reserve to outcomes; when all is used, nothing is taken', async (context) => {
    const { spool, mount } = await openSmallSpool(context, { lowWaterBytes: 0 });
    for (let index = 0; index < 40; index += 1) await spool.append(entry('intent'), { opens: `x${index}` });
    await fill(join(mount, 'foreign'), 0);
    const large = 'p'.repeat(32_000);
    let refusals = 0;
    const refuse = async (): Promise<void> => {
      for (;;) {
        await spool.append(entry('refusal', large));
        refusals += 1;
      }
    };
    await expect(refuse()).rejects.toMatchObject(lowSpace);
    expect(refusals).toBeGreaterThan(10);
    let outcomes = 0;
    const conclude = async (): Promise<void> => {
      for (;;) {
        await spool.append(entry('outcome', large), { closes: `x${outcomes}` });
        outcomes += 1;
      }
    };
    await expect(conclude()).rejects.toMatchObject({
      code: 'append_failed',
      cause: { code: 'ENOSPC' },
    });
    expect(outcomes).toBeGreaterThan(8);
    expect(spool.failure).toMatchObject({ code: 'ENOSPC' });

    await rm(join(mount, 'foreign'));
    await until('the spool working', () => spool.failure === undefined && !spool.lowSpace);
    expect(await drain(spool)).toHaveLength(40 + refusals + outcomes);
  });

  test('a piece of an answer that does not fit is refused, and the next one is taken when there is room', async (context) => {
    const mount = await mountSmall(context, MIB);
    const { log } = await openFrameLog({ directory: mount, logger: silent });
    log.append('exchanges/a', Buffer.from('a0'));
    await fill(join(mount, 'foreign'), 8_192);
    expect(() => log.append('exchanges/a', Buffer.alloc(100_000, 1))).toThrow(
      expect.objectContaining({ code: 'append_failed', cause: expect.objectContaining({ code: 'ENOSPC' }) }),
    );
    await rm(join(mount, 'foreign'));
    log.append('exchanges/b', Buffer.from('b0'));
    const { recovered } = await openFrameLog({ directory: mount, logger: silent });
    const texts = [...recovered].map(([name, parts]) => [name, Buffer.concat(parts).toString()]);
    expect(texts).toEqual([
      ['exchanges/a', 'a0'],
      ['exchanges/b', 'b0'],
    ]);
    await log.close();
  });
});
