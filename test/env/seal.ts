import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { create, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { COMMITMENT_KEY_BYTES, commit } from '#core/evidence/commitment/commit.ts';
import { KEY_BYTES, NONCE_BYTES } from '#core/evidence/seal/cipher.ts';
import { createIntervalKey } from '#core/evidence/seal/interval-key.ts';
import type { PayloadBinding } from '#core/evidence/seal/payload.ts';
import { ciphertextDigest, createExchangeKey, keysDigest, sealPart } from '#core/evidence/seal/seal.ts';
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
  readonly fields: Pick<
    Record,
    'ciphertextSha256' | 'keysSha256' | 'promptCommitment' | 'sentCommitment' | 'responseCommitment'
  >;
}

/** Seals as a plane does, with one interval key. */
export interface Sealer {
  /**
   * Seals content for its place.
   * @param count the serialised payload is cut into so many parts
   */
  seal(place: PayloadBinding, content: PayloadInit['content'], count?: number): SealedTest;
  /** Seals content that comes bit by bit: each part is a serialised payload. */
  sealPieces(place: PayloadBinding, contents: readonly PayloadInit['content'][]): SealedTest;
}

/** A sealer to this key. */
export async function createSealer({ id, publicKey }: TestEvidenceKey): Promise<Sealer> {
  const x = Buffer.from(publicKey).toString('base64url');
  const jwk = { kty: 'OKP', crv: 'X25519', x, kid: id };
  const interval = await createIntervalKey(randomBytes(KEY_BYTES), jwk);

  const sealParts = (place: PayloadBinding, pieces: readonly Uint8Array[]) => {
    const exchange = createExchangeKey(interval.key, randomBytes(KEY_BYTES), randomBytes(NONCE_BYTES), place);
    const parts = pieces.map((piece, index) =>
      sealPart(exchange.key, randomBytes(NONCE_BYTES), piece, place, index),
    );
    const sealed = { intervalKey: interval.jwe, wrappedKey: exchange.wrapped, parts };
    const payload = toBinary(SealedPayloadSchema, create(SealedPayloadSchema, sealed));
    const keysSha256 = Uint8Array.from(keysDigest(sealed));
    return { payload, digests: { ciphertextSha256: ciphertextDigest(parts), keysSha256 } };
  };

  return {
    seal(place, content, count = 1) {
      const plain = pack(content);
      const length = Math.ceil(plain.bytes.length / count);
      const pieces = Array.from({ length: count }, (_, index) =>
        plain.bytes.subarray(index * length, (index + 1) * length),
      );
      const { payload, digests } = sealParts(place, pieces);
      return { payload, fields: { ...plain.commitments, ...digests } };
    },
    sealPieces(place, contents) {
      const pieces = contents.map((content) => pack(content).bytes);
      const { payload, digests } = sealParts(place, pieces);
      const none = new Uint8Array();
      const commitments = { promptCommitment: none, sentCommitment: none, responseCommitment: none };
      return { payload, fields: { ...digests, ...commitments } };
    },
  };
}

function pack(init: PayloadInit['content']) {
  const commitmentKey = randomBytes(COMMITMENT_KEY_BYTES);
  const { content } = create(PayloadSchema, { content: init } as PayloadInit);
  const bytes = toBinary(PayloadSchema, create(PayloadSchema, { content, commitmentKey } as PayloadInit));
  const none = new Uint8Array();
  const frames = content.case === 'delivery' ? content.value.frames.map(({ data }) => data) : [];
  const commitments = {
    promptCommitment: content.case === 'prompt' ? commit(commitmentKey, 'prompt', content.value.body) : none,
    sentCommitment:
      content.case === 'prompt' && content.value.sent.length > 0
        ? commit(commitmentKey, 'sent', content.value.sent)
        : none,
    responseCommitment: content.case === 'delivery' ? commit(commitmentKey, 'delivery', frames) : none,
  };
  return { bytes, commitments };
}

/** A key that nobody has the private part of. */
export function strangerKey(id = 'A'.repeat(43)): TestEvidenceKey {
  const { x = '' } = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
  return { id, publicKey: Buffer.from(x, 'base64url') };
}
