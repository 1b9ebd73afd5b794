import { RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { add, at, type Case, digestAt, head, late, OTHER, replace, without, written } from '../changes.ts';
import { build, drafts, prove, sign, WEST } from '../synthetic.ts';

/** Cases of keys, heads and receipts that one guard alone catches. */
export const HEADS: readonly Case[] = [
  ['plane_key_missing', 'no key', () => without((item) => item.kind === 'plane_key' && item.plane === WEST)],
  [
    'plane_key_contradicted',
    'it joined with another',
    () =>
      written((all) => {
        at(all, 1).planeKey = OTHER;
      }),
  ],
  [
    'plane_key_unrecorded',
    'it never joined',
    () =>
      written((all) => {
        at(all, 1).action = 'other';
      }),
  ],
  ['head_missing', 'no head', () => without((item) => item.kind === 'head' && item.head.plane === WEST), 9],
  [
    'head_behind',
    'an older head',
    () =>
      replace((item) =>
        item.kind === 'head' && item.head.plane === WEST ? { ...item, head: head(digestAt(4), 1n) } : item,
      ),
    9,
  ],
  [
    'head_signature_invalid',
    'signed by another',
    () =>
      add({
        kind: 'head',
        source: 'heartbeat',
        head: sign('head', { plane: WEST, epoch: 1n, seq: 2n, digest: digestAt(9) }, 'other'),
      }),
  ],
  [
    'head_contradicted',
    'signed for another record',
    () => add({ kind: 'head', source: 'heartbeat', head: head(OTHER) }),
    9,
  ],
  [
    'head_contradicted',
    'signed for another record than an earlier one, told afterwards',
    () => late({ kind: 'head', source: 'heartbeat', head: head(OTHER, 1n) }),
  ],
  [
    'receipt_contradicted',
    'of another record than an earlier one, told afterwards',
    () => {
      const statement = { plane: WEST, epoch: 1n, seq: 1n, digest: OTHER };
      return late({ kind: 'receipt', receipt: sign('receipt', statement, 'receipt') });
    },
  ],
  [
    'plane_key_unrecorded',
    'its joining is no action',
    () =>
      written((all) => {
        at(all, 1).kind = RecordKind.APPROVAL;
      }),
  ],
  [
    'receipt_missing',
    'no receipt',
    () => without((item) => item.kind === 'receipt' && item.receipt.plane === WEST),
    9,
  ],
  [
    'receipt_behind',
    'an older receipt',
    () =>
      replace((item) =>
        item.kind === 'receipt' && item.receipt.plane === WEST
          ? {
              ...item,
              receipt: sign('receipt', { plane: WEST, epoch: 1n, seq: 1n, digest: digestAt(4) }, 'receipt'),
            }
          : item,
      ),
    9,
  ],
  [
    'receipt_signature_invalid',
    'signed by another',
    () =>
      add({
        kind: 'receipt',
        receipt: sign('receipt', { plane: WEST, epoch: 1n, seq: 2n, digest: digestAt(9) }, 'other'),
      }),
  ],
  [
    'receipt_contradicted',
    'signed for another record',
    () =>
      add({
        kind: 'receipt',
        receipt: sign('receipt', { plane: WEST, epoch: 1n, seq: 2n, digest: OTHER }, 'receipt'),
      }),
    9,
  ],
  [
    'plane_key_contradicted',
    'two keys for one plane',
    () => add({ kind: 'plane_key', plane: WEST, publicKey: OTHER }),
  ],
  [
    'plane_key_contradicted',
    'it joined twice, with two keys',
    () =>
      written((all) => {
        all.push({ ...at(all, 1), seq: 4n });
        at(all, 1).planeKey = OTHER;
      }),
    11,
  ],
  [
    'plane_key_missing',
    'neither key nor head',
    () =>
      without(
        (item) =>
          (item.kind === 'plane_key' && item.plane === WEST) ||
          (item.kind === 'head' && item.head.plane === WEST),
      ),
  ],
  [
    'receipt_signature_invalid',
    'no receipt key',
    async () => {
      const { options, items } = await prove(build(drafts(), false));
      const { receiptKey: _none, ...rest } = options;
      const some = items.filter((item) => item.kind !== 'receipt' || item.receipt.plane === WEST);
      return { options: rest, items: some };
    },
  ],
];
