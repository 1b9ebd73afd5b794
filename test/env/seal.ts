import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { COMMITMENT_KEY_BYTES, commit } from '#core/evidence/commitment/commit.ts';
import { KEY_BYTES, NONCE_BYTES } from '#core/evidence/seal/cipher.ts';
import { createIntervalKey } from '#core/evidence/seal/interval-key.ts';
import type { PayloadBinding } from '#core/evidence/seal/payload.ts';
import { ciphertextDigest, createExchangeKey, sealPart } from '#core/evidence/seal/seal.ts';
import { PayloadSchema, type Record, SealedPayloadSchema } from '#proto/sworn/audit/v1/record_pb.ts';

type PayloadInit = Exclude<MessageInitShape<typeof PayloadSchema>, { $typeName: string }>;

/** The public part of an evidence key, as a snapshot has it. */
export interface TestEvidenceKey {
  readonly id: string;
  readonly publicKey: Uint8Array;
}

/** A payload as a plane sends it, and what its record says of it. */
export interface SealedTest {
  /** A serialised SealedPayload. */
  readonly payload: Uint8Array;
  readonly fields: Pick<Record, 'ciphertextSha256' | 'promptCommitment' | 'responseCommitment'>;
}

/** Seals as a plane does, with one interval key. */
export interface Sealer {
  /**
   * Seals content for its place.
   * @param pieces the serialised payload is cut into so many parts
   */
  seal(place: PayloadBinding, content: PayloadInit['content'], pieces?: number): SealedTest;
}

/** A sealer to this key. */
export async function createSealer({ id, publicKey }: TestEvidenceKey): Promise<Sealer> {
  const x = Buffer.from(publicKey).toString('base64url');
  const jwk = { kty: 'OKP', crv: 'X25519', x, kid: id };
  const interval = await createIntervalKey(randomBytes(KEY_BYTES), jwk);
  return {
    seal(place, content, pieces = 1) {
      const commitmentKey = randomBytes(COMMITMENT_KEY_BYTES);
      const payload = create(PayloadSchema, { content, commitmentKey } as PayloadInit);
      const plain = toBinary(PayloadSchema, payload);
      const length = Math.ceil(plain.length / pieces);
      const exchange = createExchangeKey(
        interval.key,
        randomBytes(KEY_BYTES),
        randomBytes(NONCE_BYTES),
        place,
      );
      const parts = Array.from({ length: pieces }, (_, index) => {
        const piece = plain.subarray(index * length, (index + 1) * length);
        return sealPart(exchange.key, randomBytes(NONCE_BYTES), piece, place, index);
      });
      const sealed = { intervalKey: interval.jwe, wrappedKey: exchange.wrapped, parts };
      const none = new Uint8Array();
      const { case: kind, value } = payload.content;
      return {
        payload: toBinary(SealedPayloadSchema, create(SealedPayloadSchema, sealed)),
        fields: {
          ciphertextSha256: ciphertextDigest(parts),
          promptCommitment: kind === 'prompt' ? commit(commitmentKey, 'prompt', value.body) : none,
          responseCommitment:
            kind === 'delivery'
              ? commit(
                  commitmentKey,
                  'delivery',
                  value.frames.map(({ data }) => data),
                )
              : none,
        },
      };
    },
  };
}

/** A key that nobody has the private part of. */
export function strangerKey(id = 'A'.repeat(43)): TestEvidenceKey {
  const { x = '' } = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
  return { id, publicKey: Buffer.from(x, 'base64url') };
}
