import { create, toBinary } from '@bufbuild/protobuf';
import { RecordKind, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { add, at, type Case, digestAt, head, lone, OTHER, written } from '../changes.ts';
import { EAST, sign, WEST } from '../synthetic.ts';

/** A record that is well formed. */
const LONE = toBinary(
  RecordSchema,
  create(RecordSchema, {
    plane: 'control-plane/x',
    epoch: 1n,
    seq: 1n,
    prevHash: new Uint8Array(32),
    time: { seconds: 1n },
    kind: RecordKind.ACTION,
  }),
);

/** Cases of chains that one guard alone catches. */
export const CHAIN: readonly Case[] = [
  [
    'record_malformed',
    'a leaf that is no record',
    () => written((all) => all.push({ ...lone(1n), garbage: Buffer.from([0xff]) })),
    11,
  ],
  [
    'record_malformed',
    'a record without a time',
    () => {
      const bytes = toBinary(
        RecordSchema,
        create(RecordSchema, {
          plane: 'control-plane/x',
          epoch: 1n,
          seq: 1n,
          prevHash: new Uint8Array(32),
          kind: 5,
        }),
      );
      return written((all) => all.push({ ...lone(1n), garbage: bytes }));
    },
    11,
  ],
  ...(
    [
      ['a field of another wire type', [0x38, 0x01]],
      ['an erasure whose authority has another wire type', [0xf2, 0x01, 0x02, 0x08, 0x01]],
      ['a time whose seconds are a text', [0x2a, 0x02, 0x0a, 0x00]],
      ['a text that is not UTF-8', [0x3a, 0x01, 0xff]],
      ['a number of more than 64 bits', [0xc0, 0x3e, ...Array<number>(9).fill(0xff), 0x02]],
      ['a number of eleven bytes', [0xc0, 0x3e, ...Array<number>(10).fill(0x80), 0x00]],
      ['a length beyond its end', [0xc2, 0x3e, 0x05, 0x00]],
      ['more than 65,535 bytes', [0xc2, 0x3e, 0x80, 0x80, 0x04, ...new Uint8Array(65_536)]],
    ] as const
  ).map(
    ([what, suffix]): Case => [
      'record_malformed',
      what,
      () => written((all) => all.push({ ...lone(1n), garbage: Buffer.concat([LONE, Buffer.from(suffix)]) })),
      11,
    ],
  ),
  [
    'record_missing',
    'a batch names one more',
    () => add({ kind: 'head', source: 'batch', head: head(OTHER, 3n) }),
  ],
  [
    'record_missing',
    'a heartbeat names more of an epoch that ended',
    () =>
      add({
        kind: 'head',
        source: 'heartbeat',
        head: sign('head', { plane: EAST, epoch: 1n, seq: 5n, digest: OTHER }, EAST),
      }),
  ],
  [
    'record_missing',
    'a later epoch begins after more',
    () =>
      written((all) => {
        at(all, 7).previous = { plane: EAST, epoch: 1n, seq: 9n, digest: OTHER } as never;
      }),
  ],
  [
    'seq_missing',
    'a seq was never written',
    () =>
      written((all) => {
        at(all, 10).seq = 5n;
      }),
    10,
  ],
  [
    'seq_repeated',
    'a seq was written twice',
    () => written((all) => all.push(lone(1n), { ...lone(1n), prevHash: new Uint8Array(32) })),
    12,
  ],
  [
    'chain_broken',
    'prev_hash of another record',
    () =>
      written((all) => {
        at(all, 10).prevHash = OTHER;
      }),
    10,
  ],
  [
    'chain_broken',
    'a first record after something',
    () =>
      written((all) => {
        at(all, 4).prevHash = OTHER;
      }),
    4,
  ],
  [
    'epoch_begin_wrong',
    'an epoch that just goes on',
    () =>
      written((all) => {
        at(all, 4).kind = RecordKind.REFUSAL;
      }),
    4,
  ],
  [
    'epoch_end_passed',
    'a record after the end',
    () =>
      written((all) => {
        all.push({ plane: EAST, epoch: 2n, seq: 3n, kind: RecordKind.REFUSAL, exchange: 'exchanges/d' });
      }),
    11,
  ],
  [
    'epoch_unclosed',
    'a next epoch that does not say',
    () =>
      written((all) => {
        Object.assign(at(all, 7), { previous: undefined });
      }),
    6,
  ],
  [
    'epoch_unclosed',
    'a next epoch that goes on from one before it',
    () =>
      written((all) => {
        at(all, 8).kind = RecordKind.REFUSAL;
        const previous = { plane: EAST, epoch: 1n, seq: 4n, digest: digestAt(6) } as never;
        all.push({ plane: EAST, epoch: 3n, seq: 1n, kind: RecordKind.EPOCH_BEGIN, previous });
      }),
    8,
  ],
  [
    'previous_contradicted',
    'two epochs that go on from the same one, as of two planes with one key',
    () =>
      written((all) => {
        const previous = { plane: EAST, epoch: 1n, seq: 4n, digest: digestAt(6) } as never;
        all.push({ plane: EAST, epoch: 3n, seq: 1n, kind: RecordKind.EPOCH_BEGIN, previous });
      }),
    11,
  ],
  [
    'previous_contradicted',
    'an epoch that names none, after one that has ended',
    () =>
      written((all) => {
        const begin = { plane: EAST, epoch: 3n, seq: 1n, kind: RecordKind.EPOCH_BEGIN };
        all.push(Object.assign(begin, { previous: undefined }) as never);
      }),
    11,
  ],
  [
    'previous_contradicted',
    'a next epoch after another record',
    () =>
      written((all) => {
        at(all, 7).previous = { plane: EAST, epoch: 1n, seq: 4n, digest: OTHER } as never;
      }),
    7,
  ],
  [
    'previous_contradicted',
    'a next epoch of another plane',
    () =>
      written((all) => {
        at(all, 7).previous = { plane: WEST, epoch: 1n, seq: 2n, digest: OTHER } as never;
      }),
    7,
  ],
];
