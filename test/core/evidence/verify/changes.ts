import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { FaultCode } from '#core/evidence/verify/fault.ts';
import type { EvidenceItem, LaterItem, RecordItem } from '#core/evidence/verify/item.ts';
import { RecordKind, SealedPayloadSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import {
  build,
  CONTROL,
  type Draft,
  drafts,
  type EAST,
  type Evidence,
  prove,
  sha256,
  sign,
  WEST,
} from './synthetic.ts';

export const OTHER = new Uint8Array(32).fill(7);

/** Changes what planes and the control plane write; all that follows from it is made anew. */
export const written = (change: (all: Draft[]) => void): Evidence => {
  const all = drafts();
  change(all);
  return build(all);
};
export const at = (all: Draft[], index: number): Draft => all[index] as Draft;
export const add = (...more: EvidenceItem[]): Evidence => {
  const { options, items } = build(drafts());
  return { options, items: [...more, ...items].sort((a, b) => rank(a) - rank(b)) };
};
/** Told when records have come. */
export const late = (...more: EvidenceItem[]): Evidence => {
  const { options, items } = build(drafts());
  return { options, items: [...items, ...more] };
};
const rank = ({ kind }: EvidenceItem) => ['plane_key', 'head', 'receipt', 'tile', 'record'].indexOf(kind);
export const without = (isGone: (item: EvidenceItem) => boolean, evidence = build(drafts())): Evidence => ({
  ...evidence,
  items: evidence.items.filter((item) => !isGone(item)),
});
export const replace = (
  change: (item: EvidenceItem) => EvidenceItem,
  evidence = build(drafts()),
): Evidence => ({
  ...evidence,
  items: evidence.items.map(change),
});
export const withOptions = (options: object): Evidence => {
  const evidence = build(drafts());
  return { ...evidence, options: { ...evidence.options, ...options } };
};
export const record = (
  index: number,
  change: (item: RecordItem) => RecordItem,
  evidence?: Evidence,
): Evidence =>
  replace((item) => (item.kind === 'record' && item.index === index ? change(item) : item), evidence);
export const head = (digest: Uint8Array, seq = 2n, plane: typeof EAST | typeof WEST = WEST) =>
  sign('head', { plane, epoch: 1n, seq, digest }, plane);
export const digestAt = (index: number): Uint8Array => {
  const item = build(drafts()).items.find(
    (one) => one.kind === 'record' && one.index === index,
  ) as RecordItem;
  return sha256(item.bytes);
};
export const lone = (seq: bigint, plane = 'control-plane/two'): Draft => ({
  plane,
  epoch: 1n,
  seq,
  kind: RecordKind.ACTION,
  action: 'login',
});
export const erase = (authority: string, plane = CONTROL, seq = 4n): Draft => ({
  plane,
  epoch: 1n,
  seq,
  kind: RecordKind.ACTION,
  action: 'exchange.erase',
  exchange: 'exchanges/a',
  erasure: { authority, scope: 'exchanges/a', reason: 'asked for' } as never,
});
/** Writes the bytes of a record anew, with all that vouches for it but the tree. */
export const rewriteLast = (): Evidence => {
  const honest = build(drafts());
  const forged = written((all) => {
    at(all, 10).resource = 'issuers/j';
  });
  return {
    options: honest.options,
    items: forged.items.map((item) =>
      item.kind === 'tile' ? (honest.items.find(({ kind }) => kind === 'tile') as EvidenceItem) : item,
    ),
  };
};
export const resealed = (
  change: (sealed: { wrappedKey: Uint8Array; parts: Uint8Array[] }) => void,
  suffix: Uint8Array = Buffer.alloc(0),
) =>
  record(3, (item) => {
    const sealed = fromBinary(SealedPayloadSchema, Uint8Array.from(item.payload ?? []));
    change(sealed);
    return { ...item, payload: Buffer.concat([toBinary(SealedPayloadSchema, sealed), suffix]) };
  });
export const flip = (bytes: Uint8Array | undefined): void => {
  if (bytes?.[20] !== undefined) bytes[20] ^= 1;
};

/** A case that only one guard catches. */
export type Case = readonly [
  code: FaultCode,
  what: string,
  evidence: () => Evidence | Promise<Evidence>,
  leaf?: number,
];

/** A log without the payload of leaf 3, whose erasure came after the tree. */
export async function later(
  change: (item: LaterItem) => LaterItem = (item) => item,
  draft = erase('counsel'),
) {
  const all = [...drafts(), draft];
  const grown = build(all);
  const proven = await prove(build(all, false));
  const own = proven.items.find((item): item is RecordItem => item.kind === 'record' && item.index === 11);
  const note = grown.options.checkpoint;
  const { bytes = OTHER, proof = [] } = own ?? {};
  const item = change({ kind: 'later', note, index: 11, bytes, proof });
  const { options, items } = record(3, ({ payload: _gone, ...rest }) => rest);
  return { options, items: [...items, item] };
}

/** More than one tile of records. */
export function large(): Draft[] {
  return [...drafts(), ...Array.from({ length: 300 }, (_, index) => lone(BigInt(index + 1)))];
}
