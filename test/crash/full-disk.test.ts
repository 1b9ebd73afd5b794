import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { OutcomeStatus, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { fill, mountSmall } from '../data-plane/spool/mounts.ts';
import { answerText } from '../env/answers.ts';
import { until } from '../env/until.ts';
import { call, newMarker } from './caller.ts';
import { World } from './world.ts';

const MIB = 1024 * 1024;

test.for([
  ['nearly full', 12 * MIB],
  ['full', 0],
] as const)(
  'with a disk that is %s a plane refuses before anything goes upstream, says so on record, and goes on by itself',
  async ([, leave], context) => {
    const mount = await mountSmall(context, 64 * MIB);
    const world = await World.start();
    onTestFinished(() => world.close());
    world.provider.behave(answerText('done'));
    const plane = await world.startPlane(['--spool-min-free', String(20 * MIB)], join(mount, 'plane'));
    onTestFinished(() => plane.kill());
    const token = await world.token();
    const ask = () => call(world.planeUrl, token, newMarker(), false);
    expect((await ask()).status).toBe(200);
    world.provider.seen.length = 0;

    await fill(join(mount, 'foreign'), leave);
    await until('the plane noticing', async () => (await world.health()).lowSpace);
    expect(await world.health()).toMatchObject({ ok: false, lowSpace: true });
    const refused = await ask();
    expect(refused.status).toBe(503);
    expect(JSON.parse(refused.body.toString())).toMatchObject({
      error: { type: 'service_unavailable', code: 'low_space' },
    });
    expect(world.provider.seen).toEqual([]);

    await rm(join(mount, 'foreign'));
    await until('the plane ready', async () => (await world.health()).ok);
    expect((await ask()).status).toBe(200);
    await world.untilHandedIn();
    const refusal = world.server.records.find(({ kind }) => kind === RecordKind.REFUSAL);
    expect(refusal).toMatchObject({
      exchange: `exchanges/${refused.exchange}`,
      caller: { subject: 'clinician' },
      outcome: { status: OutcomeStatus.REFUSED, httpStatus: 503, errorCode: 'low_space' },
    });
  },
);

test('a control plane that is away slows nobody until the spool is full; when it is back all goes on', async (context) => {
  const mount = await mountSmall(context, 48 * MIB);
  const world = await World.start();
  onTestFinished(() => world.close());
  world.provider.behave(answerText('done'));
  const plane = await world.startPlane(['--spool-min-free', String(34 * MIB)], join(mount, 'plane'));
  onTestFinished(() => plane.kill());
  const token = await world.token();
  await world.server.stop();
  const statuses: number[] = [];
  while (statuses.at(-1) !== 503 && statuses.length < 100) {
    statuses.push((await call(world.planeUrl, token, newMarker(), false, newText(MIB))).status);
  }
  expect(statuses.length).toBeGreaterThan(3);
  expect(new Set(statuses.slice(0, -1))).toEqual(new Set([200]));
  expect(statuses.at(-1)).toBe(503);
  expect(world.provider.seen).toHaveLength(statuses.length - 1);

  await world.server.start();
  await until('the plane ready', async () => (await world.health()).ok);
  expect((await call(world.planeUrl, token, newMarker(), false)).status).toBe(200);
  await world.untilHandedIn();
  const kinds = world.server.records.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === RecordKind.OUTCOME)).toHaveLength(statuses.length);
  expect(kinds.filter((kind) => kind === RecordKind.REFUSAL)).toHaveLength(1);
});

/** Text that cannot be made much shorter, with no name or number in it. */
function newText(bytes: number): string {
  const letters = randomBytes(bytes).map((byte) => (byte % 8 === 0 ? 32 : 97 + (byte % 26)));
  return Buffer.from(letters).toString('latin1');
}
