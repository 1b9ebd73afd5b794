import { at, type Case, erase, flip, later, OTHER, record, resealed, written } from '../changes.ts';
import { EAST, sealPrompt, sha256, WEST } from '../synthetic.ts';

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
        written((all) => all.push(erase('counsel'))),
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
  ['payload_altered', 'a wrapped key', () => resealed(({ wrappedKey }) => flip(wrappedKey)), 3],
  [
    'payload_unexpected',
    'a payload of a record without',
    () => record(9, (item) => ({ ...item, payload: Buffer.from([1]) })),
    9,
  ],
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
    'payload_unopenable',
    'a wrapped key, and what the store says of it',
    () => {
      const evidence = resealed(({ wrappedKey }) => flip(wrappedKey));
      return record(3, (item) => ({ ...item, payloadSha256: sha256(item.payload ?? OTHER) }), evidence);
    },
    3,
  ],
  [
    'commitment_refused',
    'other content than was committed to',
    () =>
      written((all) => {
        const { payload, fields } = sealPrompt(EAST, 'exchanges/a', 'other words');
        Object.assign(at(all, 3), { payload, ciphertextSha256: fields.ciphertextSha256 });
      }),
    3,
  ],
  ['erasure_malformed', 'without an authority', () => written((all) => all.push(erase(''))), 11],
  ['erasure_malformed', 'by a plane', () => written((all) => all.push(erase('counsel', WEST, 3n))), 11],
  [
    'payload_missing',
    'a later erasure of another exchange',
    () => later((item) => item, { ...erase('counsel'), exchange: 'exchanges/b' }),
    3,
  ],
];
