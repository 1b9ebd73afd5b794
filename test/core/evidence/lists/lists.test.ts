import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { projectRecord } from '#core/evidence/exchange/project.ts';
import { AlarmListCheck } from '#core/evidence/lists/alarms.ts';
import { ExchangeListCheck } from '#core/evidence/lists/exchanges.ts';
import { SessionListCheck } from '#core/evidence/lists/sessions.ts';
import { FaultList } from '#core/evidence/verify/fault.ts';
import { type Exchange, SessionSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { AlarmSchema } from '#proto/sworn/audit/v1/gap_pb.ts';
import { OutcomeStatus, type Record, RecordKind, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';

const NAME = 'exchanges/a';
const record = (kind: RecordKind, seq: bigint, more: object = {}): Record =>
  create(RecordSchema, { plane: 'planes/east', epoch: 1n, seq, kind, exchange: NAME, ...more });
const INTENT = record(RecordKind.INTENT, 2n, {
  session: 'sessions/s',
  caller: { subject: 'ana' },
  findings: { US_SSN: 1 },
});
const OUTCOME = record(RecordKind.OUTCOME, 3n, { outcome: { status: OutcomeStatus.COMPLETED } });
const ERASURE = create(RecordSchema, {
  plane: 'control-plane/one',
  epoch: 1n,
  seq: 9n,
  kind: RecordKind.ACTION,
  action: 'exchange.erase',
  resource: NAME,
});

/** An exchange as these records tell it. */
function listed(records: readonly Record[], more: Partial<Exchange> = {}): Exchange {
  let projection: ReturnType<typeof projectRecord>;
  for (const one of records) projection = projectRecord(projection, one, '');
  return { ...(projection?.exchange as Exchange), ...more };
}

/** What is said of one exchange that was listed before, is in the log, and is listed after. */
function check(
  before: Exchange | undefined,
  records: readonly Record[],
  after: Exchange | undefined,
): string[] {
  const lists = new ExchangeListCheck();
  if (before !== undefined) lists.addListed(before);
  records.forEach((one, index) => {
    lists.addRecord(one, { index });
  });
  const faults = new FaultList();
  const open = lists.open();
  lists.finish(open, new Map(after === undefined || !open.has(NAME) ? [] : [[NAME, after]]), faults);
  return faults.kept.map(({ message, index }) => `${index ?? '-'} ${message}`);
}

const BOTH = [INTENT, OUTCOME];

test('a list that is as the records say is none to look at again', () => {
  const lists = new ExchangeListCheck();
  lists.addListed(listed(BOTH));
  for (const one of BOTH) lists.addRecord(one, {});
  expect([...lists.open()]).toEqual([]);
});

test('what comes while records are read is no contradiction', () => {
  expect(check(undefined, BOTH, listed(BOTH))).toEqual([]);
  expect(check(listed([INTENT]), BOTH, listed(BOTH))).toEqual([]);
  // Newer than the tree.
  expect(check(undefined, [INTENT], listed(BOTH))).toEqual([]);
  expect(check(listed([INTENT]), [...BOTH, ERASURE], listed(BOTH, { erasure: {} as never }))).toEqual([]);
  expect(check(listed(BOTH), BOTH, listed(BOTH, { erasure: {} as never }))).toEqual([]);
});

test('an external detector that was missing for the answer alone', () => {
  const records = [INTENT, { ...OUTCOME, externalDetectorMissing: true }];
  expect(check(listed(records), records, listed(records))).toEqual([]);
  expect(check(listed([INTENT]), records, listed(records))).toEqual([]);
  expect(check(listed(records), records.toReversed(), listed(records))).toEqual([]);
});

test('an exchange that was joined to another session has the one that was recorded, too', () => {
  const joined = listed(BOTH, { session: 'sessions/t', recordedSession: 'sessions/s' });
  expect(check(joined, BOTH, joined)).toEqual([]);
});

const wrong = (more: Partial<Exchange>) => {
  const forged = listed(BOTH, more);
  return check(forged, BOTH, forged);
};

test.each<[string, () => string[], string]>([
  ['gone', () => check(undefined, BOTH, undefined), `0 ${NAME} is in no list`],
  ['gone meanwhile', () => check(listed([INTENT]), BOTH, undefined), `0 ${NAME} is in no list`],
  [
    'never recorded',
    () => check(listed(BOTH), [], listed(BOTH)),
    `- ${NAME} is listed with another base, session, outcome`,
  ],
  [
    'listed once, never recorded',
    () => check(listed(BOTH), [], undefined),
    `- ${NAME} was listed, and no record is of it`,
  ],
  ['of another model', () => wrong({ model: 'gpt-x' }), `0 ${NAME} is listed with another base`],
  [
    'of another caller',
    () => wrong({ caller: { subject: 'bob' } as never }),
    `0 ${NAME} is listed with another base`,
  ],
  ['without its findings', () => wrong({ promptFindings: {} }), `0 ${NAME} is listed with another base`],
  ['in another session', () => wrong({ session: 'sessions/t' }), `0 ${NAME} is listed with another session`],
  [
    'in a session, says the list alone',
    () => {
      const bare = BOTH.map((one) => ({ ...one, session: '' }));
      const forged = listed(bare, { session: 'sessions/t' });
      return check(forged, bare, forged);
    },
    `0 ${NAME} is listed with another session`,
  ],
  [
    'ended otherwise',
    () => wrong({ outcome: { status: OutcomeStatus.REFUSED } as never }),
    `0 ${NAME} is listed with another outcome`,
  ],
  [
    'not of break-glass',
    () => wrong({ breakGlass: true, grant: 'grants/x', tokenized: { US_SSN: 1 } }),
    `0 ${NAME} is listed with another base`,
  ],
  [
    'of other costs',
    () => wrong({ costMicros: 1n, upstreamModel: 'x', restored: { US_SSN: 1 } }),
    `0 ${NAME} is listed with another outcome`,
  ],
  [
    'without its detector, says the list alone',
    () => wrong({ externalDetectorMissing: true }),
    `0 ${NAME} is listed with another detector`,
  ],
  [
    'with its detector, says the list alone',
    () => {
      const missing = [{ ...INTENT, externalDetectorMissing: true }, OUTCOME];
      return check(listed(BOTH), missing, listed(BOTH));
    },
    `0 ${NAME} is listed with another detector`,
  ],
  [
    'found by another status',
    () => wrong({ misfiled: ['status', 'email'] }),
    `0 ${NAME} is found by another status, email`,
  ],
  [
    'ended, says the list alone',
    () => check(listed(BOTH), [INTENT], listed(BOTH)),
    `0 ${NAME} is listed with another outcome`,
  ],
  [
    'not ended, says the list alone',
    () => check(listed([INTENT]), BOTH, listed([INTENT])),
    `0 ${NAME} is listed with another outcome`,
  ],
  [
    'approved, says the list alone',
    () => wrong({ approval: 'approvals/x' }),
    `0 ${NAME} is listed with another approval`,
  ],
  [
    'erased, says the list alone',
    () => wrong({ erasure: {} as never }),
    `0 ${NAME} is listed with another erasure`,
  ],
  [
    'not erased, says the list alone',
    () => check(listed(BOTH), [...BOTH, ERASURE], listed(BOTH)),
    `0 ${NAME} is listed with another erasure`,
  ],
])('an exchange that is %s', (_what, run, message) => {
  expect(run()).toEqual([message]);
});

test('an exchange that two planes claim is as the records of one of them say', () => {
  const other = { ...INTENT, plane: 'planes/west' };
  for (const records of [
    [other, ...BOTH],
    [...BOTH, other],
  ]) {
    expect(check(listed(BOTH), records, listed(BOTH))).toEqual([]);
    expect(check(listed([other]), records, listed([other]))).toEqual([]);
    const forged = listed(BOTH, { model: 'gpt-x' });
    expect(check(forged, records, forged)).toHaveLength(1);
    const nobodys = listed(BOTH, { plane: 'planes/north' });
    expect(check(nobodys, records, nobodys)).toHaveLength(1);
  }
});

const session = (name: string, exchangeCount: number, refusedCount: number) =>
  create(SessionSchema, { name, exchangeCount, refusedCount, caller: { subject: 'ana' } });

test('sessions have the exchanges that are listed, but for those that changed meanwhile', () => {
  const lists = new SessionListCheck();
  const refused = listed(BOTH, {
    session: 'sessions/b',
    outcome: { status: OutcomeStatus.REFUSED } as never,
  });
  for (const exchange of [listed(BOTH), refused]) lists.addExchange(exchange);
  const [one, none] = [session('sessions/s', 1, 0), session('sessions/b', 1, 0)];
  for (const before of [one, none, session('sessions/c', 3, 0), session('sessions/d', 2, 0)])
    lists.addListed(before);
  const faults = new FaultList();
  for (const after of [one, none, session('sessions/c', 4, 0), session('sessions/d', 2, 0)])
    lists.addListedAgain(after);
  lists.finish(faults);
  expect(faults.kept.map(({ message }) => message)).toEqual([
    'sessions/b is listed with 1 exchanges, 0 of them refused, and has 1 exchanges, 1 of them refused',
    'sessions/d is listed with 2 exchanges, 0 of them refused, and has 0 exchanges, 0 of them refused',
  ]);
});

test('a session is of one of the callers of its exchanges, and not shorter than these', () => {
  const time = (seconds: number) => ({
    $typeName: 'google.protobuf.Timestamp' as const,
    seconds: BigInt(seconds),
    nanos: 0,
  });
  const exchange = { ...listed(BOTH), startTime: time(5), endTime: time(8) };
  const tell = (more: object) => {
    const lists = new SessionListCheck();
    const told = create(SessionSchema, {
      ...session('sessions/s', 1, 0),
      ...{ startTime: time(5), updateTime: time(8), ...more },
    } as never);
    lists.addListed(told);
    lists.addExchange(exchange);
    const faults = new FaultList();
    lists.addListedAgain(told);
    lists.finish(faults);
    return faults.kept.map(({ message }) => message);
  };
  expect(tell({})).toEqual([]);
  expect(tell({ startTime: time(4), updateTime: time(9) })).toEqual([]);
  expect(tell({ caller: { subject: 'eve' } })).toEqual(['sessions/s is listed with another caller']);
  expect(tell({ caller: undefined })).toEqual(['sessions/s is listed with another caller']);
  expect(tell({ startTime: time(6), updateTime: time(7) })).toEqual([
    'sessions/s is listed with another start, end',
  ]);
  expect(tell({ misfiled: ['email'] })).toEqual(['sessions/s is found by another email']);
});

test('alarms are listed that are recorded, and no others', () => {
  const head = (seq: bigint) => ({ plane: 'planes/east', epoch: 1n, seq, digest: new Uint8Array(32) });
  const alarm = (seq: bigint) =>
    create(AlarmSchema, { plane: 'planes/east', stored: head(seq), offered: head(seq) });
  const recorded = (seq: bigint) =>
    create(RecordSchema, {
      plane: 'control-plane/one',
      kind: RecordKind.ACTION,
      action: 'alarm.record_conflict',
      conflict: [head(seq), head(seq)],
    });
  const lists = new AlarmListCheck();
  for (const seq of [1n, 2n]) lists.addListed(alarm(seq));
  for (const seq of [1n, 3n, 4n]) lists.addRecord(recorded(seq), { index: Number(seq) });
  const faults = new FaultList();
  lists.finish([alarm(1n), alarm(2n), alarm(4n)], faults);
  expect(faults.kept.map(({ code, message, index }) => [code, message, index])).toEqual([
    ['list_contradicted', 'an alarm of planes/east is listed, and no record is of it', undefined],
    ['list_contradicted', 'an alarm that is in no list', 3],
  ]);
});
