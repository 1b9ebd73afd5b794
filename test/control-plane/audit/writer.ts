import { createHash, generateKeyPairSync } from 'node:crypto';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { timestampFromDate, timestampFromMs } from '@bufbuild/protobuf/wkt';
import { v7 as uuidv7 } from 'uuid';
import { createSigner, type Signer } from '#core/evidence/signature/ed25519.ts';
import { signStatement } from '#core/evidence/statement/sign.ts';
import { contentKind } from '#core/evidence/verify/payload.ts';
import {
  type HeadSchema,
  type PayloadSchema,
  type Record,
  RecordKind,
  RecordSchema,
} from '#proto/sworn/audit/v1/record_pb.ts';
import {
  type RecordEntry,
  RecordEntrySchema,
  type SignedHead,
  SignedHeadSchema,
} from '#proto/sworn/plane/v1/plane_service_pb.ts';
import type { PlaneIdentity } from '../../../control-plane/api/identity.ts';
import { appendRecords } from '../../../control-plane/audit/receive.ts';
import type { Context } from '../../../control-plane/context.ts';
import type { Sealer } from '../../env/seal.ts';

type Fields = Exclude<MessageInitShape<typeof RecordSchema>, Record>;
type Content = Exclude<MessageInitShape<typeof PayloadSchema>, { $typeName: string }>;
type HeadInit = MessageInitShape<typeof HeadSchema>;

export const START_MS = Date.UTC(2026, 0, 1, 12);

/** Writes records as a plane does: one epoch, a chain. Its first record, EPOCH_BEGIN, is written from the start. */
export class Writer {
  readonly plane: string;
  readonly epoch: bigint;
  readonly begin: RecordEntry;
  seq = 0n;
  prevHash = new Uint8Array(32);
  readonly #sealer: Sealer;

  constructor(sealer: Sealer, plane = newName('planes'), epoch = 1n, previous?: HeadInit) {
    this.#sealer = sealer;
    this.plane = plane;
    this.epoch = epoch;
    const fields = { kind: RecordKind.EPOCH_BEGIN, exchange: '', time: timestampFromMs(START_MS) };
    this.begin = this.write(previous === undefined ? fields : { ...fields, previous });
    begins.set(`${plane} ${epoch}`, this.begin);
  }

  write(fields: Fields, payload?: Content): RecordEntry {
    const { kind = RecordKind.INTENT, exchange = newName('exchanges') } = fields;
    const place = { plane: this.plane, exchange, kind: contentKind(kind) ?? 'prompt' };
    const sealed = payload === undefined ? undefined : this.#sealer.seal(place, payload.content);
    this.seq++;
    const record = create(RecordSchema, {
      time: timestampFromMs(START_MS + Number(this.seq)),
      kind,
      exchange,
      plane: this.plane,
      epoch: this.epoch,
      seq: this.seq,
      prevHash: this.prevHash,
      ...sealed?.fields,
      ...fields,
    });
    const bytes = toBinary(RecordSchema, record);
    this.prevHash = sha256(bytes);
    return create(RecordEntrySchema, { record: bytes, payload: sealed?.payload ?? new Uint8Array() });
  }

  /** Its last record. */
  end(): RecordEntry {
    return this.write({ kind: RecordKind.EPOCH_END, exchange: '' });
  }

  /** What it has written so far. */
  get head(): { plane: string; epoch: bigint; seq: bigint; digest: Uint8Array<ArrayBuffer> } {
    return { plane: this.plane, epoch: this.epoch, seq: this.seq, digest: this.prevHash };
  }
}

const begins = new Map<string, RecordEntry>();
const signers = new Map<string, Signer>();

/** Hands records in as their plane: with a signed head, and with the first record of the epoch where they follow it. */
export function append(context: Context, plane: string, entries: readonly RecordEntry[]) {
  const first = readRecord(entries[0]);
  const begin = first?.seq === 2n ? begins.get(`${first.plane} ${first.epoch}`) : undefined;
  const all = begin === undefined ? [...entries] : [begin, ...entries];
  const last = readRecord(all.at(-1)) ?? create(RecordSchema, { epoch: 1n, seq: 1n });
  const digest = sha256(all.at(-1)?.record ?? new Uint8Array());
  const head = signHead({ plane, epoch: last.epoch, seq: last.seq, digest });
  return appendRecords(context, identityOf(plane), { entries: all, head });
}

/** A head as its plane signs it. */
export function signHead(
  head: { plane: string; epoch: bigint; seq: bigint; digest: Uint8Array },
  time = new Date(START_MS),
): SignedHead {
  const { signature } = signStatement('head', { ...head, time }, signerOf(head.plane));
  return create(SignedHeadSchema, {
    head: { ...head, digest: Uint8Array.from(head.digest) },
    time: timestampFromDate(time),
    signature,
  });
}

/** The plane as the control plane's gate knows it. */
export function identityOf(name: string): PlaneIdentity {
  return { name, publicKey: signerOf(name).publicKey };
}

function signerOf(plane: string): Signer {
  const signer = signers.get(plane) ?? createSigner(generateKeyPairSync('ed25519').privateKey);
  signers.set(plane, signer);
  return signer;
}

function readRecord(entry: RecordEntry | undefined): Record | undefined {
  try {
    return entry && fromBinary(RecordSchema, entry.record);
  } catch {
    return undefined;
  }
}

export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(createHash('sha256').update(bytes).digest());
}

export function newName(noun: string): string {
  return `${noun}/${uuidv7()}`;
}
