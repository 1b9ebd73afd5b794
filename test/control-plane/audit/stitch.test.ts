import { createHash, randomUUID } from 'node:crypto';
import { fromBinary } from '@bufbuild/protobuf';
import { Code } from '@connectrpc/connect';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ApartCheck } from '#core/evidence/lists/apart.ts';
import { JoinCheck } from '#core/evidence/lists/joins.ts';
import { SessionListCheck } from '#core/evidence/lists/sessions.ts';
import { FaultList } from '#core/evidence/verify/fault.ts';
import { type Exchange, ExchangeSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import {
  RecordKind,
  RecordSchema,
  SessionCertainty,
  SessionSource,
} from '#proto/sworn/audit/v1/record_pb.ts';
import type { RecordEntry } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { listExchange, listSession } from '../../../control-plane/audit/view.ts';
import {
  type ExchangeDocument,
  findExchange,
  listExchanges,
} from '../../../control-plane/storage/record/exchanges.ts';
import { listSessions } from '../../../control-plane/storage/record/sessions.ts';
import { openStore, type Store } from './store.ts';
import { append, newName } from './writer.ts';

const { CERTAIN } = SessionCertainty;
const { CALL_ID, HEADER, NEW, PREVIOUS_RESPONSE, TRACE } = SessionSource;

let store: Store;
beforeAll(async () => {
  store = await openStore();
});
afterAll(() => store.close());

/** One more set of exchanges that has nothing in common with those before; what they are called among each other. */
class Story {
  readonly #salt = randomUUID();
  readonly exchanges = new Map<string, string>();

  digest(name: string): Uint8Array<ArrayBuffer> {
    return Uint8Array.from(createHash('md5').update(`${this.#salt} ${name}`).digest());
  }

  key(source: SessionSource, name: string) {
    return { digest: this.digest(name), source };
  }

  /** An exchange on a plane of its own, that refers to some ids and gives others. */
  exchange(
    name: string,
    said: { refers?: ReturnType<Story['key']>[]; gives?: ReturnType<Story['key']>[]; session?: string },
  ): Step {
    const exchange = newName('exchanges');
    this.exchanges.set(name, exchange);
    const source = said.session === undefined ? NEW : HEADER;
    const common = { exchange, session: said.session ?? newName('sessions'), sessionSource: source };
    const writer = store.writer();
    return {
      plane: writer.plane,
      entries: [
        writer.write({ ...common, kind: RecordKind.INTENT, sessionKeys: said.refers ?? [] }),
        writer.write({ ...common, kind: RecordKind.OUTCOME, sessionKeys: said.gives ?? [] }),
      ],
    };
  }

  /** An export of traces. */
  traces(name: string, traces: { name: string; group?: string; answers?: string[] }[]): Step {
    const exchange = newName('exchanges');
    this.exchanges.set(name, exchange);
    const writer = store.writer();
    const links = traces.map((one) => ({
      trace: `trace_${Buffer.from(this.digest(one.name)).toString('hex')}`,
      traceKey: this.digest(one.name),
      groupKey: one.group === undefined ? new Uint8Array() : this.digest(one.group),
      responseKeys: (one.answers ?? []).map((answer) => this.digest(answer)),
    }));
    const first = Buffer.from(this.digest(traces[0]?.name ?? '')).toString('hex');
    const fields = {
      exchange,
      session: `sessions/trace-${first}`,
      sessionSource: TRACE,
      route: 'traces.ingest',
    };
    return {
      plane: writer.plane,
      entries: [writer.write({ ...fields, kind: RecordKind.INTENT, traces: links })],
    };
  }

  async document(name: string) {
    const found = await findExchange(store.database, this.exchanges.get(name) ?? '');
    if (found === undefined) throw new Error(`there is no ${name}`);
    return found;
  }
}

interface Step {
  readonly plane: string;
  readonly entries: readonly RecordEntry[];
}

async function tell(steps: readonly Step[]): Promise<void> {
  for (const { plane, entries } of steps) await append(store.replica(), plane, entries);
}

/** What verification says of the exchanges of a story, by the records of its steps. */
async function verifyJoins(story: Story, steps: readonly Step[]): Promise<string[]> {
  const [joins, apart] = [new JoinCheck(), new ApartCheck()];
  const misfiled: string[] = [];
  const listed = new Map<string, Exchange>();
  const all = await listExchanges(store.database, {}, 1, undefined, 10_000);
  for (const name of story.exchanges.values()) {
    const exchange = listExchange(all.find(({ _id }) => _id === name) as ExchangeDocument);
    misfiled.push(...exchange.misfiled);
    joins.addListed(exchange);
    apart.addListed(exchange);
    listed.set(name, exchange);
  }
  for (const { entries } of steps) {
    for (const { record } of entries) {
      const read = fromBinary(RecordSchema, record);
      joins.addRecord(read, {});
      apart.addRecord(read, {}, store.nowMs);
    }
  }
  const faults = new FaultList();
  joins.finish(faults);
  apart.finish(listed, faults);
  const names = Array.from(story.exchanges, ([name, exchange]) => [exchange, name] as const);
  const say = (message: string) => names.reduce((text, [id, name]) => text.replaceAll(id, name), message);
  return [...misfiled, ...faults.kept.map(({ message }) => say(message))];
}

/** What verification says of the sessions of a story. */
async function verifySessions(story: Story): Promise<string[]> {
  const check = new SessionListCheck();
  const all = await listExchanges(store.database, {}, 1, undefined, 10_000);
  const own = new Set(story.exchanges.values());
  const exchanges = all.filter(({ _id }) => own.has(_id)).map(listExchange);
  const names = new Set(exchanges.map(({ session }) => session));
  const found = await listSessions(store.database, {}, undefined, 10_000);
  const sessions = found.filter(({ _id }) => names.has(_id)).map((one) => listSession(one));
  for (const session of sessions) check.addListed(session);
  for (const exchange of exchanges) check.addExchange(exchange);
  const faults = new FaultList();
  for (const session of sessions) check.addListedAgain(session);
  check.finish(faults);
  return faults.kept.map(({ message }) => message);
}

/** Puts an exchange back into the session that was recorded, as somebody would who writes to the database, with all that says so. */
async function takeOut(story: Story, name: string): Promise<void> {
  const { _id, session, view } = await story.document(name);
  const recorded = fromBinary(ExchangeSchema, view).session;
  const [exchanges, sessions] = ['exchanges', 'sessions'].map((of) =>
    store.database.db.collection<{ _id: string }>(of),
  );
  await exchanges?.updateOne(
    { _id },
    { $set: { session: recorded, sessions: [recorded] }, $unset: { joined: 1, traces: 1 } },
  );
  const rest = await sessions?.findOne({ _id: session });
  await sessions?.updateOne({ _id: session }, { $inc: { exchangeCount: -1 } });
  await sessions?.insertOne({ ...rest, _id: recorded, exchangeCount: 1 } as never);
}

describe('exchanges that different planes recorded', () => {
  test('come into one session by what they have in common, whichever is told first', async () => {
    const order = fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6], { minLength: 7 });
    await fc.assert(
      fc.asyncProperty(order, async (places) => {
        const story = new Story();
        const named = `sessions/visit-${randomUUID()}-0a1b2c3d`;
        const steps = [
          story.exchange('asks', {
            gives: [story.key(PREVIOUS_RESPONSE, 'resp a'), story.key(CALL_ID, 'call a')],
          }),
          story.exchange('calls', {
            refers: [story.key(CALL_ID, 'call a')],
            gives: [story.key(PREVIOUS_RESPONSE, 'resp b')],
          }),
          story.exchange('beside', { gives: [story.key(PREVIOUS_RESPONSE, 'resp c')] }),
          story.exchange('goes on', { refers: [story.key(PREVIOUS_RESPONSE, 'resp c')] }),
          story.exchange('named', {
            session: named,
            gives: [story.key(PREVIOUS_RESPONSE, 'resp d')],
          }),
          story.traces('spans', [
            { name: 'one', answers: ['resp a', 'resp d'] },
            { name: 'two', answers: ['resp c'] },
          ]),
          story.traces('heads', [
            { name: 'one', group: 'round' },
            { name: 'two', group: 'round' },
          ]),
        ];
        await tell(places.flatMap((place) => steps[place] ?? []));
        await tell(places.flatMap((place) => steps[place] ?? []));

        const group = `sessions/group-${Buffer.from(story.digest('round')).toString('hex')}`;
        const expected = { asks: TRACE, calls: CALL_ID, beside: TRACE, 'goes on': PREVIOUS_RESPONSE };
        for (const [name, source] of Object.entries(expected)) {
          const { session, joined } = await story.document(name);
          expect({ name, session, joined }).toEqual({
            name,
            session: group,
            joined: { source, certainty: CERTAIN },
          });
        }
        expect(await story.document('named')).toMatchObject({ session: named, sessions: [named] });
        expect((await story.document('spans')).sessions).toContain(group);
        const summary = (await listSessions(store.database, {}, undefined, 1_000)).filter(
          ({ _id }) => _id === group || _id === named,
        );
        expect(summary.map(({ _id, exchangeCount }) => [_id, exchangeCount]).sort()).toEqual([
          [group, 6],
          [named, 1],
        ]);
        expect(summary.find(({ _id }) => _id === group)?.traces).toHaveLength(2);
        const found = await listExchanges(store.database, { session: group }, 1, undefined, 100);
        expect(found).toHaveLength(6);
        expect(await verifyJoins(story, steps)).toEqual([]);
      }),
      { numRuns: 8 },
    );
  });
});

test('an exchange that was taken out of a session, and is back in the recorded one, does not verify', async () => {
  const story = new Story();
  const steps = [
    story.exchange('asks', { gives: [story.key(PREVIOUS_RESPONSE, 'resp')] }),
    story.exchange('goes on', { refers: [story.key(PREVIOUS_RESPONSE, 'resp')] }),
    story.exchange('beside', { gives: [story.key(PREVIOUS_RESPONSE, 'other')] }),
    story.traces('export', [{ name: 'trace', group: 'round', answers: ['resp', 'other'] }]),
  ];
  await tell(steps);
  const { session } = await story.document('asks');
  const recorded = async (name: string) =>
    fromBinary(ExchangeSchema, (await story.document(name)).view).session;
  for (const [name, other] of [
    ['goes on', 'asks'],
    ['beside', 'export'],
  ] as const) {
    expect(await verifyJoins(story, steps)).toEqual([]);
    const before = await story.document(name);
    await takeOut(story, name);
    expect(await verifyJoins(story, steps)).toEqual([
      `${name} is listed in ${await recorded(name)}, and records join it to ${other} in ${session}`,
    ]);
    await store.database.db.collection<ExchangeDocument>('exchanges').replaceOne({ _id: before._id }, before);
  }
});

test('an exchange that is found by a session that it was never part of does not verify: who erases that one would erase it', async () => {
  const story = new Story();
  const steps = [story.exchange('asks', {}), story.exchange('other', {})];
  await tell(steps);
  const { session } = await story.document('other');
  const { _id } = await story.document('asks');
  const exchanges = store.database.db.collection<ExchangeDocument>('exchanges');
  await exchanges.updateOne({ _id }, { $push: { sessions: session } } as never);
  expect(await verifyJoins(story, steps)).toEqual([
    `asks is found by ${session}, and no record joins it to that`,
  ]);
});

test('whatever exchanges have in common, and in which order they come, what becomes of them verifies', async () => {
  const ids = fc.subarray(
    [0, 1, 2, 3, 4].map((id) => `id ${id}`),
    { maxLength: 2 },
  );
  const exchange = fc.record({
    refers: ids,
    gives: ids,
    named: fc.constantFrom(undefined, undefined, 'one', 'two'),
  });
  const traces = fc.record({
    trace: fc.constantFrom('s', 't'),
    answers: ids,
    group: fc.constantFrom(undefined, 'g'),
  });
  const told = fc.array(fc.oneof(exchange, exchange, traces), { minLength: 3, maxLength: 10 });
  await fc.assert(
    fc.asyncProperty(told, async (all) => {
      const story = new Story();
      const keys = (some: string[]) => some.map((id) => story.key(PREVIOUS_RESPONSE, id));
      const steps = all.map((one, at) => {
        if ('trace' in one) {
          const { trace, group, answers } = one;
          return story.traces(`${at}`, [{ name: trace, answers, ...(group === undefined ? {} : { group }) }]);
        }
        const named = one.named && {
          session: `sessions/${one.named}-${Buffer.from(story.digest('')).toString('hex')}-0a1b2c3d`,
        };
        return story.exchange(`${at}`, { refers: keys(one.refers), gives: keys(one.gives), ...named });
      });
      await tell(steps);
      expect(await verifyJoins(story, steps)).toEqual([]);
      expect(await verifyJoins(story, steps.toReversed())).toEqual([]);
      expect(await verifySessions(story)).toEqual([]);
    }),
    { numRuns: 20 },
  );
});

test('two sessions that the application named stay two, whatever they have in common', async () => {
  const story = new Story();
  const [one, two] = ['one', 'two'].map((name) => `sessions/${name}-0a1b2c3d`);
  const steps = [
    story.exchange('one', { session: one ?? '', gives: [story.key(PREVIOUS_RESPONSE, 'resp')] }),
    story.exchange('two', { session: two ?? '', gives: [story.key(PREVIOUS_RESPONSE, 'resp')] }),
    story.exchange('goes on', { refers: [story.key(PREVIOUS_RESPONSE, 'resp')] }),
  ];
  await tell(steps);
  expect(await verifyJoins(story, steps)).toEqual([]);
  expect((await story.document('one')).session).toBe(one);
  expect((await story.document('two')).session).toBe(two);
  expect((await story.document('goes on')).session).toBe(one);
});

test('a digest that is none is refused', async () => {
  const writer = store.writer();
  const key = { digest: new Uint8Array(5), source: CALL_ID };
  const entry = writer.write({
    session: newName('sessions'),
    kind: RecordKind.INTENT,
    sessionKeys: [key],
  });
  await expect(append(store.replica(), writer.plane, [entry])).rejects.toThrow('digests of 16 bytes');
});

test('traces beyond what a transaction can hold are taken one export at a time', async () => {
  const story = new Story();
  const writer = store.writer();
  const entries = Array.from({ length: 11 }, (_, index) => {
    const traces = Array.from({ length: 200 }, (__, trace) => ({
      trace: '',
      traceKey: story.digest(`${index} ${trace}`),
      groupKey: story.digest('group'),
      responseKeys: [],
    }));
    const session = newName('sessions');
    return writer.write({ session, route: 'traces.ingest', kind: RecordKind.INTENT, traces });
  });
  const whole = append(store.replica(), writer.plane, entries);
  await expect(whole).rejects.toMatchObject({ code: Code.ResourceExhausted });
  for (const entry of entries) await append(store.replica(), writer.plane, [entry]);
});

test('sessions that one batch would move too many exchanges of are joined one batch after the other', async () => {
  const story = new Story();
  const names = ['a', 'b', 'c'];
  await tell(names.map((name) => story.exchange(name, { gives: [story.key(PREVIOUS_RESPONSE, name)] })));
  for (const name of names) {
    const _id = (await story.document(name)).session as never;
    await store.database.db.collection('sessions').updateOne({ _id }, { $set: { exchangeCount: 3_000 } });
  }
  const writer = store.writer();
  const place = { exchange: newName('exchanges'), session: `sessions/${randomUUID()}-0a1b2c3d` };
  const entries = names.map((name) =>
    writer.write({ ...place, kind: RecordKind.INTENT, sessionKeys: [story.key(PREVIOUS_RESPONSE, name)] }),
  );
  const whole = append(store.replica(), writer.plane, entries);
  await expect(whole).rejects.toMatchObject({ code: Code.ResourceExhausted });
  for (const entry of entries) await append(store.replica(), writer.plane, [entry]);
  for (const name of names) expect((await story.document(name)).session).toBe(place.session);
});

test('a session with many ties becomes part of another one without a change of any: they lead there by its name', async () => {
  const story = new Story();
  const { db } = store.database;
  const calls = Array.from({ length: 300 }, (_, index) => story.key(CALL_ID, `call ${index}`));
  const answer = story.key(PREVIOUS_RESPONSE, 'resp');
  await tell([story.exchange('asks', { gives: [...calls, answer] })]);
  const before = (await story.document('asks')).session;
  await db.command({ profile: 2 });
  await tell([story.traces('export', [{ name: 'trace', group: 'group', answers: ['resp'] }])]);
  await db.command({ profile: 0 });
  const written = { ns: `${db.databaseName}.sessionLinks`, op: 'update' };
  const updates = await db.collection('system.profile').find(written).toArray();
  await db.collection('system.profile').drop();
  const changed = updates.reduce((sum, { nModified = 0 }) => sum + nModified, 0);
  expect(updates).not.toEqual([]);
  expect(changed).toBeLessThan(calls.length);

  const joined = (await story.document('asks')).session;
  expect(joined).not.toBe(before);
  await tell([story.exchange('goes on', { refers: calls.slice(-1) })]);
  expect((await story.document('goes on')).session).toBe(joined);
});
