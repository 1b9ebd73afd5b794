import { createHash, randomBytes } from 'node:crypto';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { durationFromMs, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { Long } from 'mongodb';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { RecordKind, RecordSchema, SessionSource } from '#proto/sworn/audit/v1/record_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { type Hold, HoldScopeSchema } from '#proto/sworn/retention/v1/hold_pb.ts';
import { ErasureResult, ListHoldsRequestSchema } from '#proto/sworn/retention/v1/retention_service_pb.ts';
import { createRetentionService } from '../../../control-plane/api/retention-service.ts';
import { tellOfAlterations } from '../../../control-plane/audit/altered.ts';
import type { Context } from '../../../control-plane/context.ts';
import { endHold, placeHold } from '../../../control-plane/retention/hold.ts';
import { sweepExpired, sweepRemnants } from '../../../control-plane/retention/sweep.ts';
import { PLAIN_TYPES } from '../../../control-plane/storage/plain-types.ts';
import { findExchange } from '../../../control-plane/storage/record/exchanges.ts';
import type { RecordDocument } from '../../../control-plane/storage/record/records.ts';
import { AlteredError } from '../../../control-plane/storage/sealing/altered.ts';
import { byAuditor } from '../audit/call.ts';
import { failure } from '../audit/failure.ts';
import { openStore, type Store } from '../audit/store.ts';
import { append, START_MS } from '../audit/writer.ts';
import { actions, admin, type Begun, begin, DAY_MS, erase, only, outcomeOf, payloads } from './env.ts';

type Scope = Exclude<MessageInitShape<typeof HoldScopeSchema>, { $typeName: string }>;

let store: Store;
let context: Context;
beforeAll(async () => {
  store = await openStore();
  context = store.replica();
}, 120_000);
afterAll(() => store.close());

const place = (scope: Scope, by = context): Promise<Hold> =>
  placeHold(by, admin, create(HoldScopeSchema, scope), 'matter 1');
const end = (name: string): Promise<Hold> => endHold(context, admin, name, 'closed');
const at = (ms: number) => timestampFromMs(START_MS + ms);

describe('a hold', () => {
  // The intent is the writer's second record: it begins at START_MS + 2.
  test.each<[string, (begun: Begun) => Scope]>([
    ['its session', ({ session }) => ({ session })],
    ['itself', ({ exchange }) => ({ exchange })],
    ["its caller's subject", () => ({ caller: 'ana' })],
    ["its caller's e-mail, in any case", () => ({ caller: 'Ana@Example.org' })],
    ['the time that it began in', () => ({ since: at(2), until: at(3) })],
    ['the time from then on', () => ({ since: at(2) })],
    [
      'all of them',
      ({ session, exchange }) => ({ session, exchange, caller: 'ana', since: at(2), until: at(3) }),
    ],
  ])('on %s keeps an exchange from being erased, until it is released', async (_what, scope) => {
    const begun = await begin(store, context);
    const hold = await place(scope(begun));
    const [kept] = await erase(context, only(begun.exchange));
    expect(kept).toMatchObject({ result: ErasureResult.HELD, holds: [hold.name] });
    expect(await payloads(store, begun.exchange)).toBe(1);
    expect(await actions(store, 'exchange.erase', begun.exchange)).toEqual([]);
    await end(hold.name);
    expect((await erase(context, only(begun.exchange)))[0]?.result).toBe(ErasureResult.ERASED);
    expect(await payloads(store, begun.exchange)).toBe(0);
  });

  test.each<[string, (begun: Begun) => Scope]>([
    ['another session', () => ({ session: 'sessions/other' })],
    ['another caller', () => ({ caller: 'an' })],
    ['the time before', () => ({ until: at(2) })],
    ['the time after', () => ({ since: at(3) })],
    ['its session, of another caller', ({ session }) => ({ session, caller: 'bob' })],
  ])('on %s does not', async (_what, scope) => {
    const begun = await begin(store, context);
    const hold = await place(scope(begun));
    expect((await erase(context, only(begun.exchange)))[0]?.result).toBe(ErasureResult.ERASED);
    await end(hold.name);
  });

  test.each(['recorded', 'joined'] as const)(
    'on its %s session keeps an exchange, once they are one',
    async (which) => {
      const key = {
        digest: randomBytes(16),
        source: SessionSource.CALL_ID,
      };
      const other = await begin(store, context);
      const given = other.writer.write({
        exchange: other.exchange,
        session: other.session,
        kind: RecordKind.OUTCOME,
        sessionKeys: [key],
      });
      await append(context, other.writer.plane, [given]);
      const begun = await begin(store, context, { sessionKeys: [key] });
      // Sessions of one kind take the name that is first.
      expect((await findExchange(store.database, begun.exchange))?.session).toBe(other.session);
      const hold = await place({ session: which === 'recorded' ? begun.session : other.session });
      expect(await erase(context, only(begun.exchange))).toMatchObject([{ result: ErasureResult.HELD }]);
      await end(hold.name);
      await erase(context, { case: 'session', value: other.session });
      expect([await payloads(store, begun.exchange), await payloads(store, other.exchange)]).toEqual([0, 0]);
    },
  );

  test('keeps its exchange and lets the others of a session go', async () => {
    const begun = await begin(store, context);
    const other = await begin(store, context, { session: begun.session });
    const hold = await place({ exchange: begun.exchange });
    await erase(context, { case: 'session', value: begun.session });
    expect([await payloads(store, begun.exchange), await payloads(store, other.exchange)]).toEqual([1, 0]);
    await end(hold.name);
  });

  test('is recorded when it is placed and when it ends, once, as it is from then on', async () => {
    const { name } = await place({ caller: 'ana', since: at(0) });
    await end(name);
    expect((await end(name)).releaseReason).toBe('closed');
    const [created, ...moreCreated] = await actions(store, 'hold.create', name);
    const [released, ...moreReleased] = await actions(store, 'hold.release', name);
    expect([moreCreated, moreReleased]).toEqual([[], []]);
    expect(created).toMatchObject({
      kind: RecordKind.ACTION,
      hold: { name, reason: 'matter 1', releaseReason: '' },
    });
    expect(created?.hold?.scope).toMatchObject({ caller: 'ana', since: at(0) });
    expect(released?.hold).toMatchObject({ name, releaseReason: 'closed', releasedBy: { subject: 'adam' } });
  });

  test('is listed while it holds, and afterwards to who asks for it', async () => {
    const service = createRetentionService(context);
    const [one, two] = [await place({ caller: 'list-1' }), await place({ caller: 'list-2' })];
    await end(one.name);
    const list = async (showReleased: boolean) => {
      const names: string[] = [];
      let pageToken = '';
      do {
        const request = create(ListHoldsRequestSchema, { showReleased, pageSize: 1, pageToken });
        const page = await service.listHolds(request, byAuditor());
        names.push(...(page.holds ?? []).map(({ name = '' }) => name));
        pageToken = page.nextPageToken ?? '';
      } while (pageToken !== '');
      return names;
    };
    expect(await list(false)).toEqual([two.name]);
    expect(await list(true)).toEqual(expect.arrayContaining([one.name, two.name]));
    await end(two.name);
  });

  test.each<[string, Scope]>([
    ['nothing', {}],
    ['an empty time', { since: at(5), until: at(5) }],
  ])('on %s is refused', async (_what, scope) => {
    expect((await failure(place(scope))).reason).toBe(Reason.INVALID_ARGUMENT);
  });

  test('that is not there cannot be released', async () => {
    expect((await failure(end('holds/none'))).reason).toBe(Reason.NOT_FOUND);
  });
});

describe('a hold and an erasure at the same time', () => {
  /** A replica that does something in the middle: when a transaction has done its work and has not committed. */
  function pausing(inside: () => Promise<void>): Context {
    const replica = store.replica();
    let isFirst = true;
    const transaction: Context['database']['transaction'] = (run) =>
      replica.database.transaction(async (session) => {
        const result = await run(session);
        if (isFirst) {
          isFirst = false;
          await inside();
        }
        return result;
      });
    return { ...replica, database: { ...replica.database, transaction } };
  }

  /** A replica that tells when a transaction starts again. */
  function counting(): { replica: Context; again: Promise<void> } {
    const replica = store.replica();
    let tell = () => {};
    const again = new Promise<void>((resolve) => {
      tell = resolve;
    });
    let attempts = 0;
    const transaction: Context['database']['transaction'] = (run) =>
      replica.database.transaction((session) => {
        attempts += 1;
        if (attempts > 1) tell();
        return run(session);
      });
    return { replica: { ...replica, database: { ...replica.database, transaction } }, again };
  }

  test('an erasure that did not see it is done before the hold is placed', async () => {
    const { exchange } = await begin(store, context);
    const { replica, again } = counting();
    let placing: Promise<Hold> | undefined;
    let isPlaced = false;
    const eraser = pausing(async () => {
      placing = place({ exchange }, replica).then((hold) => {
        isPlaced = true;
        return hold;
      });
      await Promise.race([placing, again]);
      // Nobody was told of a hold while this erasure, which has not seen it, was not done.
      expect(isPlaced).toBe(false);
    });
    expect((await erase(eraser, only(exchange)))[0]?.result).toBe(ErasureResult.ERASED);
    const hold = await placing;
    expect(await payloads(store, exchange)).toBe(0);
    await end(hold?.name ?? '');
  });

  test('one that is under way when the hold is placed sees it', async () => {
    const { exchange } = await begin(store, context);
    const { replica, again } = counting();
    let erasing: ReturnType<typeof erase> | undefined;
    const placer = pausing(async () => {
      erasing = erase(replica, only(exchange));
      await Promise.race([erasing, again]);
    });
    const hold = await place({ exchange }, placer);
    expect((await erasing)?.[0]).toMatchObject({ result: ErasureResult.HELD, holds: [hold.name] });
    expect(await payloads(store, exchange)).toBe(1);
    await end(hold.name);
  });
});

describe('what somebody does to a hold in the database', () => {
  const holds = () => store.database.db.collection<{ _id: string }>('holds');
  const exchanges = () => store.database.db.collection<{ _id: string }>('exchanges');

  test.each<[string, (name: string) => Promise<unknown>]>([
    ['takes it out', (name) => holds().deleteOne({ _id: name })],
    [
      'ends it',
      (name) =>
        holds().updateOne(
          { _id: name },
          { $set: { releaseTime: new Date(), releasedBy: Buffer.alloc(0), releaseReason: 'closed' } },
        ),
    ],
    [
      'has it say another',
      (name) => holds().updateOne({ _id: name }, { $set: { exchange: 'exchanges/no' } }),
    ],
  ])(
    'who %s has nothing erased, by retention or by admins, and an alarm is raised before',
    async (_what, tamper) => {
      const told = tellOfAlterations(context);
      const retention = { decision: { retention: durationFromMs(DAY_MS) } };
      const begun = await begin(store, context, retention);
      const other = await begin(store, context, retention);
      const { name } = await place({ exchange: begun.exchange });
      await tamper(name);
      store.nowMs += 2 * DAY_MS;
      await expect(sweepExpired(context)).rejects.toThrow(AlteredError);
      await expect(erase(context, only(other.exchange))).rejects.toThrow(`${name} was`);
      await expect(erase(context, only(other.exchange), { validateOnly: true })).rejects.toThrow(
        AlteredError,
      );
      expect([await payloads(store, begun.exchange), await payloads(store, other.exchange)]).toEqual([1, 1]);
      await told();
      expect(await actions(store, 'alarm.configuration_altered', name)).toHaveLength(1);
      // Records of planes are taken all the same.
      await append(context, other.writer.plane, [outcomeOf(other)]);
      const again = await place({ exchange: begun.exchange });
      await end(name);
      const [released] = await actions(store, 'hold.release', name);
      expect(released?.hold).toMatchObject({
        name,
        releaseReason: 'closed',
        releasedBy: { subject: 'adam' },
      });
      expect((await erase(context, only(begun.exchange)))[0]?.holds).toEqual([again.name]);
      await end(again.name);
      await sweepExpired(context);
      expect(await payloads(store, begun.exchange)).toBe(0);
    },
  );

  test('content that comes late stays while nobody can say what is held', async () => {
    const begun = await begin(store, context);
    await erase(context, only(begun.exchange));
    const { name } = await place({ caller: 'somebody-else' });
    await holds().deleteOne({ _id: name });
    await append(context, begun.writer.plane, [outcomeOf(begun)]);
    expect(await payloads(store, begun.exchange)).toBe(1);
    await end(name);
    await sweepExpired(context);
    expect(await payloads(store, begun.exchange)).toBe(0);
  });

  test('who says in the list that an exchange was erased has none of its content go', async () => {
    const begun = await begin(store, context);
    const erasure = {
      authority: 'Nobody',
      scope: begun.exchange,
      reason: 'none',
      time: new Date(store.nowMs),
    };
    const change = { $set: { erasure }, $unset: { expireTime: '' as const } };
    await exchanges().updateOne({ _id: begun.exchange }, change);
    await append(context, begun.writer.plane, [outcomeOf(begun)]);
    await sweepRemnants(context);
    expect(await payloads(store, begun.exchange)).toBe(2);
  });

  test('who has its records found by other names has an exchange erased neither past a hold nor before its time', async () => {
    const told = tellOfAlterations(context);
    const records = store.database.db.collection('records', { promoteLongs: false });
    const held = await begin(store, context);
    const kept = await begin(store, context, { decision: { retention: durationFromMs(30 * DAY_MS) } });
    const { session, exchange } = held;
    const hold = await place({ session });
    await exchanges().updateOne({ _id: exchange }, { $set: { sessions: ['sessions/other'] } });
    await records.updateMany({ exchange }, { $set: { exchange: 'exchanges/other' } });
    expect((await erase(context, only(exchange)))[0]).toMatchObject({ holds: [hold.name] });
    await records.updateMany({ exchange: kept.exchange }, { $set: { action: 'exchange.erase' } });
    // An erasure that nobody ordered.
    const other = await begin(store, context);
    await erase(context, only(other.exchange));
    const [erasure] = await records.find({ action: 'exchange.erase', exchange: other.exchange }).toArray();
    const madeUp = { ...erasure, _id: 'made-up' as never, seq: Long.fromNumber(1_000_000) };
    await records.insertOne({ ...madeUp, exchange: kept.exchange, resource: kept.exchange });
    await exchanges().updateOne({ _id: kept.exchange }, { $set: { expireTime: new Date(store.nowMs) } });
    store.nowMs += 2 * DAY_MS;
    await sweepExpired(context);
    expect([await payloads(store, exchange), await payloads(store, kept.exchange)]).toEqual([1, 1]);
    await told();
    expect(await actions(store, 'alarm.configuration_altered', exchange)).toHaveLength(1);
    expect(await actions(store, 'alarm.configuration_altered', kept.exchange)).toHaveLength(1);
    await end(hold.name);
  });

  test('who changes what the list says of an exchange has it erased neither past a hold nor before its time', async () => {
    const told = tellOfAlterations(context);
    const held = await begin(store, context, { decision: { retention: durationFromMs(DAY_MS) } });
    const kept = await begin(store, context, { decision: { retention: durationFromMs(30 * DAY_MS) } });
    const hold = await place({ session: held.session, caller: 'ana' });
    const change = {
      sessions: ['sessions/other'],
      session: 'sessions/other',
      subject: 'bob',
      email: 'bob@x',
    };
    await exchanges().updateOne({ _id: held.exchange }, { $set: change });
    await exchanges().updateOne({ _id: kept.exchange }, { $set: { expireTime: new Date(store.nowMs) } });
    store.nowMs += 2 * DAY_MS;
    await sweepExpired(context);
    expect((await erase(context, only(held.exchange)))[0]).toMatchObject({ holds: [hold.name] });
    expect([await payloads(store, held.exchange), await payloads(store, kept.exchange)]).toEqual([1, 1]);
    await told();
    expect(await actions(store, 'alarm.configuration_altered', kept.exchange)).toHaveLength(1);
    store.nowMs += 30 * DAY_MS;
    await end(hold.name);
    await sweepExpired(context);
    expect([await payloads(store, held.exchange), await payloads(store, kept.exchange)]).toEqual([0, 0]);
  });

  test('who changes its records as well has an exchange not erased before its time', async () => {
    const told = tellOfAlterations(context);
    const { exchange } = await begin(store, context, {
      decision: { retention: durationFromMs(30 * DAY_MS) },
    });
    const records = store.database.db.collection<RecordDocument>('records', PLAIN_TYPES);
    for (const { _id, bytes } of await records.find({ exchange }).toArray()) {
      const older = { ...fromBinary(RecordSchema, bytes), time: timestampFromMs(0) };
      const changed = toBinary(RecordSchema, older);
      const digest = createHash('sha256').update(changed).digest();
      await records.updateOne({ _id }, { $set: { bytes: Buffer.from(changed), digest, time: new Date(0) } });
    }
    await exchanges().updateOne({ _id: exchange }, { $set: { expireTime: new Date(store.nowMs) } });
    store.nowMs += DAY_MS;
    await sweepExpired(context);
    expect(await payloads(store, exchange)).toBe(1);
    await told();
    expect(await actions(store, 'alarm.configuration_altered', exchange)).toHaveLength(1);
  });
});
