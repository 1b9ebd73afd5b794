import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { JoinCheck } from '#core/evidence/lists/joins.ts';
import { FaultList } from '#core/evidence/verify/fault.ts';
import { ExchangeSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { type Record, RecordKind, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';

const PLANE = 'planes/east';
const HEADER = 'sessions/visit-0a1b2c3d';
const digest = (name: string) => Uint8Array.from(Buffer.from(name.padEnd(16)));
const key = (name: string) => ({ digest: digest(name) });

/** An exchange, where it was recorded and where it is listed now. */
type Listed = readonly [exchange: string, recorded: string, session: string];

const record = (exchange: string, session: string, more: object): Record =>
  create(RecordSchema, { plane: PLANE, kind: RecordKind.INTENT, exchange, session, ...more });
const trace = (name: string, more: object) => ({
  traces: [{ traceKey: digest(name), ...more }],
});

const ASKS = record('asks', 'sessions/a', { kind: RecordKind.OUTCOME, sessionKeys: [key('answer')] });
const GOES_ON = record('goes on', 'sessions/b', { sessionKeys: [key('answer')] });
const GOES_ON_AGAIN = record('goes on again', 'sessions/c', { sessionKeys: [key('call')] });
const CALLS = record('goes on', 'sessions/b', { kind: RecordKind.OUTCOME, sessionKeys: [key('call')] });

/** What is said of these exchanges, by the records of them. */
function check(listed: readonly Listed[], records: readonly Record[]): string[] {
  const joins = new JoinCheck();
  for (const [name, recorded, session] of listed) {
    const recordedSession = recorded === session ? '' : recorded;
    joins.addListed(create(ExchangeSchema, { name, session, recordedSession }));
  }
  records.forEach((one, index) => {
    joins.addRecord(one, { index });
  });
  const faults = new FaultList();
  joins.finish(faults);
  return faults.kept.map(({ message, index }) => `${index ?? '-'} ${message}`);
}

const joined = (exchange: string, session: string, index: number) =>
  `${index} ${exchange} is listed in ${session}, and no record joins it to that`;

test('what refers to an answer is in the session of that, by itself or by others between them', () => {
  const listed: Listed[] = [
    ['asks', 'sessions/a', 'sessions/a'],
    ['goes on', 'sessions/b', 'sessions/a'],
    ['goes on again', 'sessions/c', 'sessions/a'],
  ];
  for (const records of [
    [ASKS, GOES_ON, CALLS, GOES_ON_AGAIN],
    [GOES_ON_AGAIN, CALLS, GOES_ON, ASKS],
  ]) {
    expect(check(listed, records)).toEqual([]);
  }
});

test('traces and their groups join the answers that they name', () => {
  const group = `sessions/group-${Buffer.from(digest('group')).toString('hex')}`;
  const listed: Listed[] = [
    ['asks', 'sessions/a', group],
    ['export', 'sessions/x', 'sessions/x'],
    ['head', 'sessions/y', 'sessions/y'],
  ];
  const records = [
    record('export', 'sessions/x', trace('one', { responseKeys: [digest('answer')] })),
    record('head', 'sessions/y', trace('one', { groupKey: digest('group') })),
    ASKS,
  ];
  expect(check(listed, records)).toEqual([]);
  expect(check(listed, records.slice(1))).toEqual([joined('asks', group, 1)]);
});

test.each<[string, Listed[], Record[], string]>([
  [
    'nothing in common',
    [
      ['asks', 'sessions/a', 'sessions/a'],
      ['goes on', 'sessions/b', 'sessions/a'],
    ],
    [ASKS, record('goes on', 'sessions/b', { sessionKeys: [key('other')] })],
    joined('goes on', 'sessions/a', 1),
  ],
  [
    'something in common with another one alone',
    [
      ['asks', 'sessions/a', 'sessions/a'],
      ['goes on', 'sessions/b', 'sessions/none'],
    ],
    [ASKS, GOES_ON],
    joined('goes on', 'sessions/none', 1),
  ],
  [
    'ties that no plane recorded',
    [
      ['asks', 'sessions/a', 'sessions/a'],
      ['goes on', 'sessions/b', 'sessions/a'],
    ],
    [ASKS, { ...GOES_ON, plane: 'control-plane/one' }],
    '- goes on is listed in sessions/a, and no record joins it to that',
  ],
  [
    'a session that the application named, and another one',
    [
      ['asks', 'sessions/a', 'sessions/a'],
      ['goes on', HEADER, 'sessions/a'],
    ],
    [ASKS, { ...GOES_ON, session: HEADER }],
    joined('goes on', 'sessions/a', 1),
  ],
])('an exchange that is listed in a session with which it has %s', (_what, listed, records, message) => {
  expect(check(listed, records)).toEqual([message]);
});

test('an exchange is found by no other session than those that it was part of, or that its traces are of', () => {
  const tell = (others: string[], records: Record[]) => {
    const joins = new JoinCheck();
    const listed = { name: 'goes on', session: 'sessions/a', recordedSession: 'sessions/b' };
    joins.addListed(create(ExchangeSchema, { ...listed, otherSessions: others }));
    joins.addListed(create(ExchangeSchema, { name: 'asks', session: 'sessions/a' }));
    joins.addListed(create(ExchangeSchema, { name: 'other', session: 'sessions/c' }));
    records.forEach((one, index) => {
      joins.addRecord(one, { index });
    });
    const faults = new FaultList();
    joins.finish(faults);
    return faults.kept.map(({ message, index }) => `${index} ${message}`);
  };
  const name = (of: string) => `sessions/trace-${Buffer.from(digest(of)).toString('hex')}`;
  const own = record('goes on', 'sessions/b', trace('one', {}));
  const other = record('other', 'sessions/c', trace('two', {}));
  expect(tell([name('one')], [GOES_ON, own, ASKS, other])).toEqual([]);
  const strange = (one: string) => [`0 goes on is found by ${one}, and no record joins it to that`];
  expect(tell([name('one'), name('two')], [GOES_ON, own, ASKS, other])).toEqual(strange(name('two')));
  expect(tell(['sessions/c'], [GOES_ON, own, ASKS, other])).toEqual(strange('sessions/c'));
});

test('a chain of very many sessions is followed to its end', () => {
  const listed: Listed[] = Array.from({ length: 50_000 }, (_, at) => [
    `${at}`,
    `sessions/${at}`,
    'sessions/0',
  ]);
  const records = listed.flatMap(([name, recorded], at) => [
    record(name, recorded, { sessionKeys: [key(`${at}`), key(`${at + 1}`)] }),
  ]);
  expect(check(listed, records.toReversed())).toEqual([]);
});
