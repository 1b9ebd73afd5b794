import { createHash, generateKeyPairSync } from 'node:crypto';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { signCheckpoint } from '#core/evidence/checkpoint/sign.ts';
import { leafHash } from '#core/evidence/merkle/hash.ts';
import { inclusionProof } from '#core/evidence/merkle/prove.ts';
import { rootOf } from '#core/evidence/merkle/root.ts';
import { createNoteKey } from '#core/evidence/note/key.ts';
import { createSigner } from '#core/evidence/signature/ed25519.ts';
import { signStatement } from '#core/evidence/statement/sign.ts';
import { TILE_WIDTH } from '#core/evidence/tiles/tile.ts';
import type { EvidenceItem, RecordItem, SignedItem } from '#core/evidence/verify/item.ts';
import { createVerifier, type VerifyOptions, type VerifyReport } from '#core/evidence/verify/verify.ts';
import { type Record, RecordKind, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { TestEvidenceKey } from '../../../env/evidence.ts';
import { createSealer } from '../../../env/seal.ts';

type Fields = Exclude<MessageInitShape<typeof RecordSchema>, Record>;

/** A record to be: chained, placed and signed for by `build`, but for what it says itself. */
export interface Draft extends Fields {
  plane: string;
  epoch: bigint;
  seq: bigint;
  payload?: Uint8Array;
  /** In the place of a record. */
  garbage?: Uint8Array;
}

/** A small log with all that verifies it. */
export interface Evidence {
  readonly options: VerifyOptions;
  readonly items: EvidenceItem[];
}

export const EAST = 'planes/east';
export const WEST = 'planes/west';
export const CONTROL = 'control-plane/one';
const ORIGIN = 'log.example.org/test';

const newSigner = () => createSigner(generateKeyPairSync('ed25519').privateKey);
export const keys = {
  log: newSigner(),
  receipt: newSigner(),
  [EAST]: newSigner(),
  [WEST]: newSigner(),
  other: newSigner(),
};
export const logKey = createNoteKey(ORIGIN, keys.log.publicKey);
export const evidenceKey = new TestEvidenceKey();
const sealer = await createSealer(evidenceKey.evidenceKey);

export const sha256 = (bytes: Uint8Array): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(createHash('sha256').update(bytes).digest());

const sealed = new Map<string, ReturnType<typeof sealer.seal>>();

/** Seals a prompt for a place; the same one once, so that two logs differ by what was changed alone. */
export function sealPrompt(plane: string, exchange: string, body: string) {
  // Of one of them values were replaced by tokens.
  const sent = exchange === 'exchanges/b' ? { sent: Buffer.from('[PERSON_bcdfghjk]') } : {};
  const content = {
    case: 'prompt' as const,
    value: { body: Buffer.from(body), method: 'POST', path: '/v1', ...sent },
  };
  const key = JSON.stringify([plane, exchange, body]);
  const known = sealed.get(key) ?? sealer.seal({ plane, exchange, kind: 'prompt' }, content as never);
  sealed.set(key, known);
  return known;
}

/** An intent with a sealed prompt. */
export function intent(plane: string, epoch: bigint, seq: bigint, exchange: string): Draft {
  const { payload, fields } = sealPrompt(plane, exchange, `prompt of ${exchange}`);
  return { plane, epoch, seq, kind: RecordKind.INTENT, exchange, payload, ...fields };
}

/** Two planes, one of which began anew, and the control plane, in the order of the log. */
export function drafts(): Draft[] {
  const enroll = (plane: typeof EAST | typeof WEST, seq: bigint): Draft => ({
    plane: CONTROL,
    epoch: 1n,
    seq,
    kind: RecordKind.ACTION,
    action: 'plane.enroll',
    resource: plane,
    planeKey: Uint8Array.from(keys[plane].publicKey),
  });
  return [
    enroll(EAST, 1n),
    enroll(WEST, 2n),
    { plane: EAST, epoch: 1n, seq: 1n, kind: RecordKind.EPOCH_BEGIN },
    intent(EAST, 1n, 2n, 'exchanges/a'),
    { plane: WEST, epoch: 1n, seq: 1n, kind: RecordKind.EPOCH_BEGIN },
    intent(EAST, 1n, 3n, 'exchanges/b'),
    { plane: EAST, epoch: 1n, seq: 4n, kind: RecordKind.OUTCOME, exchange: 'exchanges/b' },
    { plane: EAST, epoch: 2n, seq: 1n, kind: RecordKind.EPOCH_BEGIN },
    { plane: EAST, epoch: 2n, seq: 2n, kind: RecordKind.EPOCH_END },
    { plane: WEST, epoch: 1n, seq: 2n, kind: RecordKind.REFUSAL, exchange: 'exchanges/c' },
    { plane: CONTROL, epoch: 1n, seq: 3n, kind: RecordKind.ACTION, action: 'login', resource: 'issuers/i' },
  ];
}

interface Placed {
  readonly draft: Draft;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** Chains the drafts, gives each first record of a later epoch what was before, and signs for all of it. */
export function build(written: readonly Draft[], isComplete = true): Evidence {
  const lasts = new Map<string, Placed>();
  const placed = written.map((draft): Placed => {
    const { payload: _payload, garbage, ...fields } = draft;
    const key = `${draft.plane} ${draft.epoch}`;
    const before = lasts.get(key);
    const earlier = lasts.get(`${draft.plane} ${draft.epoch - 1n}`);
    const isBegin = draft.kind === RecordKind.EPOCH_BEGIN && !('previous' in draft);
    const record = create(RecordSchema, {
      prevHash: before === undefined ? new Uint8Array(32) : sha256(before.bytes),
      time: timestampFromMs(Date.UTC(2026, 0, 1)),
      ...(isBegin && earlier !== undefined ? { previous: headOf(earlier) } : {}),
      ...fields,
    });
    const bytes = garbage === undefined ? toBinary(RecordSchema, record) : Uint8Array.from(garbage);
    const next = { draft, bytes };
    if (garbage === undefined) lasts.set(key, next);
    return next;
  });
  const leaves = placed.map(({ bytes }) => leafHash(bytes));
  const head = { size: leaves.length, root: rootOf(leaves) };
  const planes = [EAST, WEST] as const;
  const items: EvidenceItem[] = planes.map((plane) => ({
    kind: 'plane_key',
    plane,
    publicKey: keys[plane].publicKey,
  }));
  for (const last of lasts.values()) {
    const { plane } = last.draft;
    if (plane === EAST || plane === WEST) {
      items.push({ kind: 'head', source: 'batch', head: sign('head', headOf(last), plane) });
    }
    items.push({ kind: 'receipt', receipt: sign('receipt', headOf(last), 'receipt') });
  }
  for (const [index, { draft, bytes }] of placed.entries()) {
    const { payload } = draft;
    if (isComplete && index % TILE_WIDTH === 0) {
      const hashes = Buffer.concat(leaves.slice(index, index + TILE_WIDTH));
      items.push({ kind: 'tile', level: 0, index: index / TILE_WIDTH, hashes });
    }
    const sealed = payload === undefined ? {} : { payload, payloadSha256: sha256(payload) };
    items.push({ kind: 'record', index, bytes, ...sealed });
  }
  const options = {
    trust: { logKey, witnessKeys: [] },
    checkpoint: checkpointOf(head.size, head.root),
    isComplete,
    hasPayloads: true,
    receiptKey: keys.receipt.publicKey,
    stored: head,
    evidenceKeys: [evidenceKey.privateKey],
  };
  return { options, items };
}

/** Adds to every record of a part of a log its proof. */
export async function prove({ options, items }: Evidence): Promise<Evidence> {
  const records = items.filter((item): item is RecordItem => item.kind === 'record');
  const leaves = records.map(({ bytes }) => leafHash(bytes));
  const read = (level: number, index: number) =>
    rootOf(leaves.slice(index * 2 ** level, (index + 1) * 2 ** level));
  const proven = await Promise.all(
    items.map(async (item) =>
      item.kind === 'record'
        ? { ...item, proof: await inclusionProof(item.index, leaves.length, read) }
        : item,
    ),
  );
  return { options, items: proven };
}

export function checkpointOf(size: number, root: Uint8Array, signer = keys.log): string {
  return signCheckpoint({ origin: ORIGIN, size, root, extensions: [] }, signer);
}

function headOf({ draft, bytes }: Placed) {
  return { plane: draft.plane, epoch: draft.epoch, seq: draft.seq, digest: sha256(bytes) };
}

export function sign(
  kind: 'head' | 'receipt',
  head: { plane: string; epoch: bigint; seq: bigint; digest: Uint8Array },
  by: keyof typeof keys,
): SignedItem {
  const time = new Date(Date.UTC(2026, 0, 1));
  return { ...head, time, signature: signStatement(kind, { ...head, time }, keys[by]).signature };
}

export async function verify({ options, items }: Evidence): Promise<VerifyReport> {
  const verifier = createVerifier(options);
  for (const item of items) await verifier.add(item);
  return verifier.finish();
}
