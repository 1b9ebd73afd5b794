import { promisify } from 'node:util';
import { deflateRaw, type ZlibOptions } from 'node:zlib';
import { create, fromBinary, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { BinaryWriter, WireType } from '@bufbuild/protobuf/wire';
import { COMMITMENT_KEY_BYTES, commit } from '#core/evidence/commitment/commit.ts';
import { encrypt, KEY_BYTES, NONCE_BYTES } from '#core/evidence/seal/cipher.ts';
import { compress, store } from '#core/evidence/seal/compress.ts';
import type { IntervalKey } from '#core/evidence/seal/interval-key.ts';
import { MAX_PAYLOAD_BYTES } from '#core/evidence/seal/open.ts';
import { partContext } from '#core/evidence/seal/payload.ts';
import {
  ciphertextDigest,
  createExchangeKey,
  type ExchangeKey,
  keysDigest,
  sealPart,
} from '#core/evidence/seal/seal.ts';
import type { PromptText } from '#proto/sworn/approval/v1/approval_pb.ts';
import {
  type OpaqueContentSchema,
  type Payload,
  PayloadSchema,
  type PromptSchema,
  type Record,
  SealedPayloadSchema,
} from '#proto/sworn/audit/v1/record_pb.ts';
import type { DeliveredFrame } from '../listener/answer.ts';
import { RecordError } from './error.ts';
import { takeRandom } from './random.ts';

type Commitments = Partial<Pick<Record, 'promptCommitment' | 'sentCommitment' | 'responseCommitment'>>;

/** Content that is sealed, and what its record says of it. */
export interface SealedContent {
  /** A serialised SealedPayload. */
  readonly payload: Uint8Array;
  readonly fields: Pick<Record, 'ciphertextSha256' | 'keysSha256'> & Commitments;
}

/** At once when it is small, as almost all is. */
export type Soon<T> = T | Promise<T>;

type Kind = 'prompt' | 'delivery' | 'question';
type Content = NonNullable<Exclude<MessageInitShape<typeof PayloadSchema>, Payload>['content']>;

/** More than this is cut into pieces that are compressed on other threads, so that other requests go on. */
const AT_ONCE_BYTES = 256 * 1024;
const PIECE_BYTES = 1024 * 1024;
const PARTS_FIELD = SealedPayloadSchema.field.parts.number;
const NO_BYTES = new Uint8Array();
/** As core/evidence/seal/compress.ts has it for large pieces. */
const FAST: ZlibOptions = { level: 1, chunkSize: PIECE_BYTES / 4 };
const compressElsewhere = promisify<Uint8Array, ZlibOptions, Buffer>(deflateRaw);

/** Seals what belongs to one exchange, with a key that is its own. */
export class ExchangeSeal {
  readonly #binding: { readonly plane: string; readonly exchange: string };
  /** What opens the parts: a serialised SealedPayload that has none yet. */
  readonly header: Uint8Array;
  readonly #key: ExchangeKey;
  readonly #keysSha256: Uint8Array<ArrayBuffer>;

  /**
   * @param plane `planes/{id}`
   * @param exchange `exchanges/{id}`
   */
  constructor(plane: string, exchange: string, { key, jwe }: IntervalKey) {
    this.#binding = { plane, exchange };
    const secret = takeRandom(KEY_BYTES);
    this.#key = createExchangeKey(key, secret, takeRandom(NONCE_BYTES), this.#binding);
    secret.fill(0);
    const header = { intervalKey: jwe, wrappedKey: this.#key.wrapped };
    this.header = toBinary(SealedPayloadSchema, create(SealedPayloadSchema, header));
    this.#keysSha256 = Uint8Array.from(keysDigest(header));
  }

  /** The request, as the caller sent it. Throws RecordError where it is more than could be opened again. */
  prompt(prompt: MessageInitShape<typeof PromptSchema>): Soon<SealedContent> {
    const key = takeRandom(COMMITMENT_KEY_BYTES);
    const promptCommitment = commit(key, 'prompt', prompt.body ?? NO_BYTES);
    const sent = prompt.sent === undefined ? {} : { sentCommitment: commit(key, 'sent', prompt.sent) };
    return this.#seal('prompt', key, { case: 'prompt', value: prompt }, { promptCommitment, ...sent });
  }

  /** What was delivered, and what in it was not read. */
  delivery(
    contentType: string,
    frames: readonly DeliveredFrame[],
    opaque: MessageInitShape<typeof OpaqueContentSchema>[],
  ): Soon<SealedContent> {
    const key = takeRandom(COMMITMENT_KEY_BYTES);
    const delivered = frames.map(({ data }) => data);
    const responseCommitment = commit(key, 'delivery', delivered);
    const value = { contentType, frames: [...frames], opaque };
    return this.#seal('delivery', key, { case: 'delivery', value }, { responseCommitment });
  }

  /** What a reviewer reads. */
  question(texts: PromptText[]): Soon<SealedContent> {
    const key = takeRandom(COMMITMENT_KEY_BYTES);
    return this.#seal('question', key, { case: 'question', value: { texts } }, {});
  }

  /**
   * A piece of a delivery as it is handed on, sealed by itself: a part of a SealedPayload. They are numbered from 0; the
   * first one has the content type, and the commitment key that every payload has. It is only kept until the outcome is durable,
   * which is hardly worth to compress it.
   */
  piece(index: number, contentType: string, frame: DeliveredFrame): Uint8Array {
    const first = index === 0;
    const value = { frames: [frame], ...(first ? { contentType } : {}) };
    const commitmentKey = first ? takeRandom(COMMITMENT_KEY_BYTES) : NO_BYTES;
    const content = { case: 'delivery' as const, value };
    return this.#sealPart(
      'delivery',
      toBinary(PayloadSchema, create(PayloadSchema, { content, commitmentKey })),
      index,
      store,
    );
  }

  #seal(
    kind: Kind,
    commitmentKey: Uint8Array,
    content: Content,
    commitments: Commitments,
  ): Soon<SealedContent> {
    const bytes = toBinary(PayloadSchema, create(PayloadSchema, { content, commitmentKey }));
    if (bytes.length > MAX_PAYLOAD_BYTES) throw new RecordError('content', bytes.length, MAX_PAYLOAD_BYTES);
    if (bytes.length > AT_ONCE_BYTES) {
      return this.#sealPieces(kind, bytes).then((parts) => this.#close(parts, commitments));
    }
    return this.#close([this.#sealPart(kind, bytes, 0)], commitments);
  }

  #close(parts: readonly Uint8Array[], commitments: Commitments): SealedContent {
    return closeContent(this.header, this.#keysSha256, parts, commitments);
  }

  #sealPart(kind: Kind, bytes: Uint8Array, index: number, pack = compress): Uint8Array {
    return sealPart(this.#key.key, takeRandom(NONCE_BYTES), bytes, { ...this.#binding, kind }, index, pack);
  }

  async #sealPieces(kind: Kind, bytes: Uint8Array): Promise<Uint8Array[]> {
    const binding = { ...this.#binding, kind };
    const parts: Uint8Array[] = [];
    for (let offset = 0; offset < bytes.length; offset += PIECE_BYTES) {
      const compressed = await compressElsewhere(bytes.subarray(offset, offset + PIECE_BYTES), FAST);
      const context = partContext(binding, parts.length);
      parts.push(encrypt(this.#key.key, takeRandom(NONCE_BYTES), compressed, context));
    }
    return parts;
  }
}

/**
 * A payload of parts that are sealed already, and what its record says of it, where of the keys only the header is known.
 * @param header a serialised SealedPayload without parts
 */
export function closeParts(header: Uint8Array, parts: readonly Uint8Array[]): SealedContent {
  return closeContent(header, Uint8Array.from(keysDigest(fromBinary(SealedPayloadSchema, header))), parts);
}

/** Of many MiB, too, only one copy is made. */
function closeContent(
  header: Uint8Array,
  keysSha256: Uint8Array<ArrayBuffer>,
  parts: readonly Uint8Array[],
  commitments: Commitments = {},
): SealedContent {
  const pieces = [header];
  for (const part of parts) {
    const prefix = new BinaryWriter().tag(PARTS_FIELD, WireType.LengthDelimited).uint32(part.length);
    pieces.push(prefix.finish(), part);
  }
  return {
    payload: Buffer.concat(pieces),
    fields: { ciphertextSha256: ciphertextDigest(parts), keysSha256, ...commitments },
  };
}
