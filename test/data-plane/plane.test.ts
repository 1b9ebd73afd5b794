import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { call } from '../crash/caller.ts';
import type { PlaneProcess } from '../crash/plane.ts';
import { snapshotFor, World } from '../crash/world.ts';
import { answerText } from '../env/answers.ts';
import { until } from '../env/until.ts';
import { breakReads } from './spool/env.ts';

const { EPOCH_BEGIN, EPOCH_END, INTENT, APPROVAL, OUTCOME, REFUSAL } = RecordKind;
const ASKED = 'zebra-4711-prompt';
const SAID = 'walrus-0815-answer';

let world: World;
let plane: PlaneProcess;
beforeAll(async () => {
  world = await World.start();
  const held = { case: 'requireApproval' as const, value: { reviewers: ['privacy-office'] } };
  const spec = { groups: ['*'], models: ['*'], rules: [{ name: 'all', action: held }] };
  const snapshot = snapshotFor(world.identity.issuer, world.provider.baseUrl);
  const policies = [{ name: 'policies/all', spec }];
  world.server.publish(world.server.sign({ ...snapshot, revision: 2n, policies }));
  world.provider.behave(answerText(SAID));
  plane = await world.startPlane();
});
afterAll(async () => {
  await plane.kill();
  await world.close();
});

/** All files of the plane, as text. */
async function diskOf(directory: string): Promise<string> {
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  const paths = files.filter((file) => file.isFile()).map((file) => join(file.parentPath, file.name));
  // What is handed in goes in the background.
  const read = (path: string) => readFile(path, 'latin1').catch(() => '');
  return (await Promise.all(paths.map(read))).join('\n');
}

test('what a reviewer reads and what is recorded opens with the evidence key; the plane has none of it in the clear', async () => {
  const { server } = world;
  const directory = join(world.directory, 'plane');
  const asking = call(world.planeUrl, await world.token(), ASKED, true);
  await until('the question', () => server.questions.length === 1);
  const disks = [await diskOf(directory)];

  const [question] = server.questions;
  const exchange = question?.exchange ?? '';
  const place = { plane: 'planes/test-1', exchange };
  const sealed = question?.sealedQuestion ?? new Uint8Array();
  expect(Buffer.from(sealed).includes(ASKED)).toBe(false);
  const { content } = await server.evidence.openFor(place, 'question', sealed);
  const texts = content.case === 'question' ? content.value.texts.map(({ text }) => text) : [];
  expect(texts.join()).toContain(ASKED);

  server.decide(`approvals/${exchange.split('/')[1]}`, State.APPROVED);
  expect((await asking).body.toString()).toContain(SAID.slice(0, 3));
  await world.untilHandedIn();
  disks.push(await diskOf(directory));
  await plane.stop();
  disks.push(await diskOf(directory));
  for (const disk of disks) {
    expect(disk).toContain('privateKey'); // it was read
    for (const word of [ASKED, SAID, 'response.output_text']) expect(disk.includes(word), word).toBe(false);
  }

  const stored = [...server.stored.values()].flat();
  expect(stored.map(({ record }) => record.kind)).toEqual([
    EPOCH_BEGIN,
    INTENT,
    APPROVAL,
    OUTCOME,
    EPOCH_END,
  ]);
  const [, intent, , outcome] = stored;
  if (intent === undefined || outcome === undefined) throw new Error('both are there');
  const prompt = await server.evidence.open(intent.record, intent.payload);
  expect(prompt.content.case === 'prompt' && Buffer.from(prompt.content.value.body).toString()).toContain(
    ASKED,
  );
  const delivery = await server.evidence.open(outcome.record, outcome.payload);
  const frames = delivery.content.case === 'delivery' ? delivery.content.value.frames : [];
  expect(Buffer.concat(frames.map(({ data }) => data)).toString()).toContain('response.completed');
});

test('records that the disk does not give follow when it does, without a restart; the probe says so', async () => {
  const { server } = world;
  plane = await world.startPlane();
  await world.untilHandedIn();
  await server.stop();
  await call(world.planeUrl, 'no token', ASKED, false);
  const spool = join(world.directory, 'plane', 'spool');
  const segment = (await readdir(spool)).findLast((name) => name.startsWith('0000000002-')) ?? '';
  const restore = await breakReads(join(spool, segment));
  await until('the failure on the probe', async () => !(await world.health()).spoolReadable);
  const waiting = { spoolDepth: 1, recording: true, suspendedEpochs: 0 };
  expect(await world.health()).toMatchObject(waiting);
  await restore();
  await server.start();
  await world.untilHandedIn();
  expect(await world.health()).toMatchObject({ ok: true, spoolReadable: true, suspendedEpochs: 0 });
  const kinds = server.records.filter(({ epoch }) => epoch === 2n).map(({ kind }) => kind);
  expect(kinds).toEqual([EPOCH_BEGIN, REFUSAL]);
});
