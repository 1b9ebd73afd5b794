import { fromBinary, toBinary } from '@bufbuild/protobuf';
import { keysDigest } from '#core/evidence/seal/seal.ts';
import { RecordKind, SealedPayloadSchema } from '#proto/sworn/audit/v1/record_pb.ts';
import { at, type Case, erase, flip, later, OTHER, record, resealed, written } from '../changes.ts';
import { EAST, sealPrompt, sha256, WEST } from '../synthetic.ts';

/** Field 1000, with no bytes. */
const NO_FIELD = Buffer.from([0xc2, 0x3e, 0x00]);

/** Cases of payloads and erasures that one guard alone catches. */
export const PAYLOAD: readonly Case[] = [
  ['payload_missing', 'gone without a word', () => record(3, ({ payload: _gone, ...item }) => item), 3],
  [
    'payload_missing',
    'the erasure of another exchange',
    () =>
      record(
        5,
        ({ payload: _gone, ...item }) => item,
        written((all) => all.push({ ...erase('counsel'), exchange: 'exchanges/c' })),
      ),
    5,
  ],
  [
    'payload_malformed',
    'no sealed payload',
    () => record(3, (item) => ({ ...item, payload: Buffer.from([0xff]) })),
    3,
  ],
  ['payload_altered', 'a part', () => resealed(({ parts }) => flip(parts[0])), 3],
  ['payload_altered', 'bytes that belong to no field', () => resealed(() => undefined, NO_FIELD), 3],
  [
    'payload_unexpected',
    'a payload of a record without',
    () => record(9, (item) => ({ ...item, payload: Buffer.from([1]) })),
    9,
  ],
  ['payload_unerased', 'before its erasure', () => written((all) => all.push(erase('counsel'))), 3],
  [
    'payload_unopenable',
    'content of another exchange',
    () =>
      written((all) => {
        at(all, 3).exchange = 'exchanges/z';
      }),
    3,
  ],
  [
    'payload_altered',
    'a wrapped key, and what the store says of it',
    () => {
      const evidence = resealed(({ wrappedKey }) => flip(wrappedKey));
      return record(3, (item) => ({ ...item, payloadSha256: sha256(item.payload ?? OTHER) }), evidence);
    },
    3,
  ],
  [
    'payload_unopenable',
    'a wrapped key that the plane itself vouched for',
    () =>
      written((all) => {
        const draft = at(all, 3);
        const sealed = fromBinary(SealedPayloadSchema, Uint8Array.from(draft.payload ?? OTHER));
        flip(sealed.wrappedKey);
        draft.payload = toBinary(SealedPayloadSchema, sealed);
        draft.keysSha256 = Uint8Array.from(keysDigest(sealed));
      }),
    3,
  ],
  [
    'commitment_refused',
    'other content than was committed to',
    () =>
      written((all) => {
        const { payload, fields } = sealPrompt(EAST, 'exchanges/a', 'other words');
        const { ciphertextSha256, keysSha256 } = fields;
        Object.assign(at(all, 3), { payload, ciphertextSha256, keysSha256 });
      }),
    3,
  ],
  [
    'commitment_refused',
    'another body for the provider than was committed to',
    () =>
      written((all) => {
        const draft = at(all, 5);
        const altered = Uint8Array.from(draft.sentCommitment ?? OTHER);
        flip(altered);
        draft.sentCommitment = altered;
      }),
    5,
  ],
  [
    'commitment_refused',
    'a body for the provider that nothing commits to',
    () =>
      written((all) => {
        at(all, 5).sentCommitment = new Uint8Array();
      }),
    5,
  ],
  ['erasure_malformed', 'without an authority', () => written((all) => all.push(erase(''))), 11],
  ['erasure_malformed', 'by a plane', () => written((all) => all.push(erase('counsel', WEST, 3n))), 11],
  [
    'erasure_malformed',
    'that is no action',
    () => written((all) => all.push({ ...erase('counsel'), kind: RecordKind.APPROVAL })),
    11,
  ],
  [
    'erasure_malformed',
    'of no exchange',
    () => written((all) => all.push({ ...erase('counsel'), exchange: '' })),
    11,
  ],
  [
    'payload_missing',
    'a later erasure of another exchange',
    () => later((item) => item, { ...erase('counsel'), exchange: 'exchanges/b' }),
    3,
  ],
];
