import { generateKeyPairSync } from 'node:crypto';
import { create, fromBinary } from '@bufbuild/protobuf';
import type { JWK } from 'jose';
import { openIntervalKey } from '#core/evidence/seal/interval-key.ts';
import { openPayload } from '#core/evidence/seal/open.ts';
import {
  type Payload,
  PayloadSchema,
  type Record,
  RecordKind,
  SealedPayloadSchema,
} from '#proto/sworn/audit/v1/record_pb.ts';
import { type EvidenceKey, EvidenceKeySchema } from '#proto/sworn/plane/v1/snapshot_pb.ts';

/** An evidence key that no control plane keeps: a test opens with it what a plane has sealed. */
export class TestEvidenceKey {
  /** For a snapshot. */
  readonly evidenceKey: EvidenceKey;
  /** X25519, with its `kid`. */
  readonly privateKey: JWK;

  constructor(id = 'evidence-key-of-the-tests') {
    const jwk = generateKeyPairSync('x25519').privateKey.export({ format: 'jwk' });
    this.privateKey = { ...jwk, kid: id };
    this.evidenceKey = create(EvidenceKeySchema, { id, publicKey: Buffer.from(jwk.x ?? '', 'base64url') });
  }

  /** Opens the payload of a record; rejects with an EvidenceError when it is not the one that was sealed for it. */
  open(record: Record, sealed: Uint8Array): Promise<Payload> {
    return this.openFor(record, kindOf(record), sealed);
  }

  /** Opens what was sealed for this exchange as `kind`. */
  async openFor(
    { plane, exchange }: Pick<Record, 'plane' | 'exchange'>,
    kind: string,
    sealed: Uint8Array,
  ): Promise<Payload> {
    const payload = fromBinary(SealedPayloadSchema, sealed);
    const unwrap = (jwe: string) => openIntervalKey(jwe, this.privateKey);
    return fromBinary(PayloadSchema, await openPayload(payload, unwrap, { plane, exchange, kind }));
  }
}

function kindOf({ kind }: Record): string {
  return kind === RecordKind.OUTCOME ? 'delivery' : 'prompt';
}
