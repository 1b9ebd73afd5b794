import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { ApartCheck } from '#core/evidence/lists/apart.ts';
import { FaultList } from '#core/evidence/verify/fault.ts';
import { type Exchange, ExchangeSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { type Record, RecordKind, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';

const PLANE = 'planes/east';
const DAY_MS = 24 * 60 * 60 * 1_000;
const HEADER = 'sessions/visit-0a1b2c3d';
const digest = (name: string) => Uint8Array.from(Buffer.from(name.padEnd(16)));

/** An exchange: the session that is listed, and the recorded one where that is another. */
const listed = (name: string, session: string, recordedSession = ''): Exchange =>
  create(ExchangeSchema, { name, plane: PLANE, session, recordedSession });
/** A record of an exchange that has an id in common with others, and when it came, in days. */
type Came = readonly [record: Record, days: number | undefined];
const has = (exchange: string, id: string, days: number | undefined, more: object = {}): Came => [
  create(RecordSchema, {
    ...{ plane: PLANE, kind: RecordKind.INTENT, exchange, session: 'sessions/recorded' },
    sessionKeys: [{ digest: digest(id) }],
    ...more,
  }),
  days,
];
const traces = (
  exchange: string,
  trace: string,
  answers: string[],
  kind: RecordKind = RecordKind.INTENT,
): Came =>
  has(exchange, '', 0, {
    kind,
    sessionKeys: [],
    traces: [{ traceKey: digest(trace), responseKeys: answers.map(digest) }],
  });

/** What is said of these exchanges, listed twice, by the records of them. */
function check(before: readonly Exchange[], records: readonly Came[], after = before): string[] {
  const apart = new ApartCheck();
  for (const one of before) apart.addListed(one);
  records.forEach(([record, days], index) => {
    apart.addRecord(record, { index }, days === undefined ? undefined : days * DAY_MS);
  });
  const faults = new FaultList();
  const open = apart.open();
  apart.finish(new Map(after.filter(({ name }) => open.has(name)).map((one) => [one.name, one])), faults);
  return faults.kept.map(({ message, index }) => `${index ?? '-'} ${message}`);
}
const told = (index: number | string, name: string, session: string, other: string, there: string) =>
  `${index} ${name} is listed in ${session}, and records join it to ${other} in ${there}`;

const A = listed('asks', 'sessions/a');
const B = listed('goes on', 'sessions/b');
const BOTH = [has('asks', 'answer', 0), has('goes on', 'answer', 1)];

test('an exchange that is not in the session of the one whose answer it refers to is told, the better named session last', () => {
  expect(check([A, B], BOTH)).toEqual([told(1, 'goes on', 'sessions/b', 'asks', 'sessions/a')]);
  expect(check([B, A], BOTH.toReversed())).toEqual([told(1, 'goes on', 'sessions/b', 'asks', 'sessions/a')]);
  expect(check([A, listed('goes on', 'sessions/a', 'sessions/b')], BOTH)).toEqual([]);
  expect(check([listed('asks', HEADER), B], BOTH)).toEqual([
    told(1, 'goes on', 'sessions/b', 'asks', HEADER),
  ]);
});

test('so is one that is not with the others of the session that was recorded', () => {
  expect(check([listed('one', 'sessions/a', 'sessions/b'), listed('other', 'sessions/b')], [])).toEqual([
    told('-', 'other', 'sessions/b', 'one', 'sessions/a'),
  ]);
});

test('traces join the answers that they name', () => {
  const more = [listed('export', 'sessions/x'), A, B];
  const records = [
    has('asks', 'one', 0),
    has('goes on', 'two', 0),
    traces('export', 'trace', ['one', 'two']),
  ];
  const message = (index: number) => told(index, 'goes on', 'sessions/b', 'asks', 'sessions/a');
  expect(check(more, records)).toEqual([message(2)]);
  expect(check(more, records.toReversed())).toEqual([message(2)]);
  expect(
    check(more, [...records.slice(0, 2), traces('export', 'trace', ['one', 'two'], RecordKind.REFUSAL)]),
  ).toEqual([]);
});

test.each<[string, Exchange[], Came[], Exchange[]?]>([
  ['came more than 89 days later', [A, B], [has('asks', 'answer', 0), has('goes on', 'answer', 89.1)]],
  ['came nobody says when', [A, B], [has('asks', 'answer', 0), has('goes on', 'answer', undefined)]],
  [
    'is recorded by another plane',
    [A, B],
    [has('asks', 'answer', 0), has('goes on', 'answer', 0, { plane: 'planes/west' })],
  ],
  ['has no session', [A, listed('goes on', '')], BOTH],
  [
    'is in a session that the application named, as the other is',
    [listed('asks', HEADER), listed('goes on', 'sessions/other-0a1b2c3d')],
    BOTH,
  ],
  [
    'is in a session that the application named, and is in a trace',
    [listed('asks', HEADER), B, listed('export', 'sessions/b')],
    [...BOTH, traces('export', 'trace', ['answer'])],
  ],
  ['is joined meanwhile', [A, B], BOTH, [A, listed('goes on', 'sessions/a', 'sessions/b')]],
  ['is moved with the other one meanwhile', [A, B], BOTH, [listed('asks', HEADER, 'sessions/a'), B]],
  [
    'is of sessions too large to be moved',
    [A, B, ...Array.from({ length: 4_999 }, (_, at) => listed(`${at}`, 'sessions/a'))],
    BOTH,
  ],
])('nothing is said of an exchange that %s', (_what, before, records, after) => {
  expect(check(before, records, after)).toEqual([]);
});

test('an id that is used again after its time joins those that use it then', () => {
  const late = [has('later', 'answer', 100), has('goes on', 'answer', 101)];
  expect(check([A, B, listed('later', 'sessions/c')], [has('asks', 'answer', 0), ...late])).toEqual([
    told(2, 'later', 'sessions/c', 'goes on', 'sessions/b'),
  ]);
});
