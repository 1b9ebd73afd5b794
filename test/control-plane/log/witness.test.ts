import { rm } from 'node:fs/promises';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseNoteKey } from '#core/evidence/note/key.ts';
import type { ControlPlaneSettings } from '../../../control-plane/config/settings.ts';
import { advanceLog } from '../../../control-plane/log/advance.ts';
import { openLog } from '../../../control-plane/log/open.ts';
import { publishCheckpoint } from '../../../control-plane/log/publish.ts';
import { createWitnesses } from '../../../control-plane/log/witnesses.ts';
import { findNewestCheckpoint } from '../../../control-plane/storage/log/checkpoints.ts';
import { makeCertificate } from '../../env/certificate.ts';
import { until } from '../../env/until.ts';
import { createWitnessPlace, TestLog } from '../../witness/env.ts';
import { type LogStore, openLogStore, storeRecords } from './env.ts';

/** Of nobody who runs. */
const WITNESS_KEY = 'witness.example.org/w1+cb55e409+BDiuTg005wO0J1lHDRE1Z6f5IPb5dFdOfV4VaXiPjplF';
let store: LogStore;
let place: ReturnType<typeof createWitnessPlace> | undefined;
beforeAll(async () => {
  store = await openLogStore();
});
afterAll(async () => {
  await place?.close();
  await store.close();
});

/** A replica that grows the log under this state directory, and asks its witnesses until each has said what it says. */
async function start(settings: Partial<ControlPlaneSettings>) {
  const context = store.replica({ checkpointInterval: 0, ...settings });
  const log = await openLog(context);
  const witnesses = createWitnesses(context);
  return {
    log,
    witnesses,
    async grow(plane: string, count: number): Promise<void> {
      await storeRecords(store.database, { plane, epoch: 1n }, count);
      await advanceLog(context, log.signer.signed);
      await publishCheckpoint(context, log, witnesses);
      await witnesses.close();
      // One that took longer than a checkpoint waits for it is asked again, as the publisher does.
      const published = await findNewestCheckpoint(store.database);
      if (published !== undefined) witnesses.cosignLate(published);
      await witnesses.close();
    },
  };
}

const cosignatures = async () => (await findNewestCheckpoint(store.database))?.cosignatures.length;
const untilCosigned = () => until('its cosignature', async () => (await cosignatures()) === 1);

const alarms = async () => {
  const found = await store.database.db
    .collection('records')
    .find({ action: /^alarm\./ })
    .sort({ _id: 1 })
    .toArray();
  return found.map((document) => document['action']);
};

test('a log that forgot what it had signed, and goes on otherwise, gets no cosignature, and an alarm is recorded', async () => {
  const stateDirectory = store.folder();
  const { log } = await start({ stateDirectory });
  const known = Object.defineProperty(new TestLog(log.origin), 'key', { value: log.key });
  place = createWitnessPlace([known]);
  const { vkey, url } = await place.start();
  const witnesses = [{ key: parseNoteKey(vkey), url: new URL(url) }];

  const honest = await start({ stateDirectory, witnesses });
  await honest.grow('planes/east', 10);
  await untilCosigned();
  const dump = await store.dump();
  await honest.grow('planes/east', 20);
  await untilCosigned();

  // An older database, and the memory of the key gone with it: nobody here can tell. The witness can.
  await store.restore(dump);
  await rm(join(stateDirectory, 'log.checkpoint'));
  const forked = await start({ stateDirectory, witnesses });
  await forked.grow('planes/west', 5);
  expect(await cosignatures()).toBe(0);
  expect(await alarms()).toEqual(['alarm.log_rolled_back']);
  expect(store.lines.join()).toContain('has seen 30 leaves, and the log has 15');

  const larger = await start({ stateDirectory, witnesses });
  await larger.grow('planes/north', 40);
  expect(await cosignatures()).toBe(0);
  expect(await alarms()).toEqual(['alarm.log_rolled_back', 'alarm.witness_refused']);
  expect(place.lines.join()).toContain('ALARM: a log signed what it cannot prove');
});

test('a witness that is away is named until it cosigns, and the log says why it does not', async () => {
  await store.clear();
  const stateDirectory = store.folder();
  const { log } = await start({ stateDirectory });
  const known = Object.defineProperty(new TestLog(log.origin), 'key', { value: log.key });
  const other = createWitnessPlace([known]);
  try {
    const first = await other.start();
    const witnesses = [{ key: parseNoteKey(first.vkey), url: new URL(first.url) }];
    const port = Number(new URL(first.url).port);
    await first.close();
    const replica = await start({ stateDirectory, witnesses });
    await replica.grow('planes/east', 3);
    const away = async () => {
      const newest = await findNewestCheckpoint(store.database);
      return newest === undefined ? undefined : replica.witnesses.away(newest);
    };
    expect(await away()).toEqual(['witness.example.org/w1']);
    const said = store.lines.map((line) => JSON.parse(line)).find(({ event }) => event === 'witness_away');
    expect(said).toMatchObject({ witness: 'witness.example.org/w1', fault: 'ECONNREFUSED' });

    await other.start(undefined, port);
    await until('its cosignature', async () => {
      const newest = await findNewestCheckpoint(store.database);
      if (newest !== undefined) replica.witnesses.cosignLate(newest);
      await replica.witnesses.close();
      return (await cosignatures()) === 1;
    });
    expect(await away()).toEqual([]);
  } finally {
    await other.close();
  }
});

test('a witness of other logs refuses, and the log says what it lacks', async () => {
  await store.clear();
  const other = createWitnessPlace([new TestLog('log.example.org/other')]);
  try {
    const { vkey, url } = await other.start();
    const witnesses = [{ key: parseNoteKey(vkey), url: new URL(url) }];
    const replica = await start({ stateDirectory: store.folder(), witnesses });
    await replica.grow('planes/east', 3);
    const said = store.lines.map((line) => JSON.parse(line)).find(({ event }) => event === 'witness_refuses');
    expect(said).toMatchObject({ status: 404, next: expect.stringContaining("'sworn audit key'") });
  } finally {
    await other.close();
  }
});

test('of a witness whose certificate is of an authority of its own the log says how it is made known', async () => {
  await store.clear();
  const server = createServer(await makeCertificate());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    const { port } = server.address() as AddressInfo;
    const key = parseNoteKey(WITNESS_KEY);
    const witnesses = [{ key, url: new URL(`https://127.0.0.1:${port}`) }];
    const from = store.lines.length;
    const replica = await start({ stateDirectory: store.folder(), witnesses });
    await replica.grow('planes/east', 3);
    const said = store.lines.slice(from).map((line) => JSON.parse(line));
    expect(said.find(({ event }) => event === 'witness_away')).toMatchObject({
      next: expect.stringContaining('NODE_EXTRA_CA_CERTS'),
    });
  } finally {
    server.close();
  }
});
