import { createHash } from 'node:crypto';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { v7 as uuidv7 } from 'uuid';
import { PayloadSchema, RecordKind, RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { type RecordEntry, RecordEntrySchema } from '#proto/sworn/plane/v1/plane_service_pb.ts';

type Fields = MessageInitShape<typeof RecordSchema>;
type Payload = MessageInitShape<typeof PayloadSchema>;

export const START_MS = Date.UTC(2026, 0, 1, 12);

/** Writes records as a plane does: one epoch, a chain. */
export class Writer {
  readonly plane: string;
  readonly epoch: bigint;
  seq = 0n;
  prevHash = new Uint8Array(32);

  constructor(plane = `planes/${uuidv7()}`, epoch = 1n) {
    this.plane = plane;
    this.epoch = epoch;
  }

  write(fields: Fields, payload?: Payload): RecordEntry {
    const payloadBytes =
      payload === undefined ? new Uint8Array(0) : toBinary(PayloadSchema, create(PayloadSchema, payload));
    this.seq++;
    const record = create(RecordSchema, {
      time: timestampFromMs(START_MS + Number(this.seq)),
      kind: RecordKind.INTENT,
      exchange: `exchanges/${uuidv7()}`,
      plane: this.plane,
      epoch: this.epoch,
      seq: this.seq,
      prevHash: this.prevHash,
      payloadSha256: payloadBytes.length > 0 ? sha256(payloadBytes) : new Uint8Array(0),
      ...fields,
    });
    const bytes = toBinary(RecordSchema, record);
    this.prevHash = sha256(bytes);
    return create(RecordEntrySchema, { record: bytes, payload: payloadBytes });
  }
}

export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(createHash('sha256').update(bytes).digest());
}

export function newName(noun: string): string {
  return `${noun}/${uuidv7()}`;
}
