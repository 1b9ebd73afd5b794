import { randomBytes } from 'node:crypto';
import { create, toBinary } from '@bufbuild/protobuf';
import { commit } from '#core/evidence/commitment/commit.ts';
import { encrypt } from '#core/evidence/seal/cipher.ts';
import { compress } from '#core/evidence/seal/compress.ts';
import { createIntervalKey } from '#core/evidence/seal/interval-key.ts';
import { partContext } from '#core/evidence/seal/payload.ts';
import { ciphertextDigest, createExchangeKey, keysDigest } from '#core/evidence/seal/seal.ts';
import type { FaultCode } from '#core/evidence/verify/fault.ts';
import { SealedPayloadSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { at, written } from './changes.ts';
import { EAST, type Evidence, evidenceKey } from './synthetic.ts';

const KEY = Buffer.alloc(32, 5);
const BODY = 'words';

/** A field of bytes. */
const field = (number: number, ...bytes: Uint8Array[]): Buffer => {
  const value = Buffer.concat(bytes);
  return Buffer.concat([Buffer.from([(number << 3) | 2, value.length]), value]);
};
const body = (words = BODY): Buffer => field(1, Buffer.from(words));
const key = field(4, KEY);
const bytes = (...all: number[]): Buffer => Buffer.from(all);
const whole = Buffer.concat([field(1, body()), key]);

/** What a plane could seal as a prompt, and commit to: bytes of a Payload, and as they are compressed. */
const CONTENTS: readonly (readonly [string, Buffer, FaultCode?, ((deflated: Buffer) => Buffer)?])[] = [
  ['whole', whole],
  ['a field that nobody knows', Buffer.concat([whole, bytes(0x30, 1)])],
  ['a body twice', Buffer.concat([field(1, body('other'), body()), key])],
  ['a prompt twice', Buffer.concat([field(1, body('other')), field(1, body()), key])],
  ['a prompt in two pieces', Buffer.concat([field(1, body()), field(1, field(2, Buffer.from('POST'))), key])],
  ['a prompt behind a delivery', Buffer.concat([field(2), field(1, body()), key])],
  [
    'a prompt around a delivery',
    Buffer.concat([field(1, body()), field(2), field(1), key]),
    'commitment_refused',
  ],
  ['a prompt before a delivery', Buffer.concat([field(1, body()), field(2), key]), 'payload_unopenable'],
  ['nothing', Buffer.alloc(0), 'payload_unopenable'],
  ['no key', field(1, body()), 'commitment_refused'],
  ['a number as the body', Buffer.concat([field(1, bytes(0x08, 5)), key]), 'payload_unopenable'],
  ['a number behind the body', Buffer.concat([field(1, body(), bytes(0x08, 0)), key]), 'payload_unopenable'],
  ['a number as a prompt', Buffer.concat([whole, bytes(0x08, 0)]), 'payload_unopenable'],
  ['a number as the key', Buffer.concat([whole, bytes(0x20, 1)]), 'payload_unopenable'],
  [
    'a method that is no text',
    Buffer.concat([field(1, body(), bytes(0x12, 1, 0xff)), key]),
    'payload_unopenable',
  ],
  ['a group', Buffer.concat([whole, bytes(0x33, 0x34)]), 'payload_unopenable'],
  ['something cut off', Buffer.concat([whole, bytes(0x0a, 9)]), 'payload_unopenable'],
  [
    'bytes behind what was compressed',
    whole,
    'payload_unopenable',
    (deflated) => Buffer.concat([deflated, bytes(1)]),
  ],
  [
    'what was compressed without its end',
    whole,
    'payload_unopenable',
    (deflated) => deflated.subarray(0, -1),
  ],
];

const { x = '', kid = '' } = evidenceKey.privateKey;
const interval = await createIntervalKey(randomBytes(32), { kty: 'OKP', crv: 'X25519', x, kid });
const PLACE = { plane: EAST, exchange: 'exchanges/a', kind: 'prompt' };

function seal(content: Buffer, alter: (deflated: Buffer) => Buffer): Evidence {
  const exchange = createExchangeKey(interval.key, randomBytes(32), randomBytes(12), PLACE);
  const deflated = alter(Buffer.from(compress(content)));
  const parts = [encrypt(exchange.key, randomBytes(12), deflated, partContext(PLACE, 0))];
  const sealed = { intervalKey: interval.jwe, wrappedKey: exchange.wrapped, parts };
  const payload = toBinary(SealedPayloadSchema, create(SealedPayloadSchema, sealed));
  return written((all) =>
    Object.assign(at(all, 3), {
      payload,
      ciphertextSha256: ciphertextDigest(parts),
      keysSha256: Uint8Array.from(keysDigest(sealed)),
      promptCommitment: commit(KEY, 'prompt', Buffer.from(BODY)),
    }),
  );
}

/** Logs with such a prompt at leaf 3, and what is wrong with it. */
export const SEALED_CONTENTS = CONTENTS.map(([what, content, code, alter = (same: Buffer) => same]) => ({
  what,
  code,
  evidence: seal(content, alter),
}));
