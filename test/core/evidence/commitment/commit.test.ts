import { createHmac, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { commit, verifyCommitment } from '#core/evidence/commitment/commit.ts';
import { flip } from '../merkle/trees.ts';
import { thrown } from '../thrown.ts';

const KEY = randomBytes(32);
const TEXT = Buffer.from('The exact bytes of a prompt.');

test('a commitment is an HMAC over what it is for and the bytes', () => {
  const expected = createHmac('sha256', KEY).update('sworn.commitment/v1\nprompt\n').update(TEXT).digest();
  expect(Buffer.from(commit(KEY, 'prompt', TEXT))).toEqual(expected);
});

test('it is the same however the bytes are cut', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array()), (pieces) => {
      expect(commit(KEY, 'prompt', pieces)).toEqual(commit(KEY, 'prompt', Buffer.concat(pieces)));
    }),
  );
});

test('it verifies for these bytes, this key and this kind alone', () => {
  const commitment = commit(KEY, 'prompt', TEXT);
  verifyCommitment(commitment, KEY, 'prompt', TEXT);
  for (let bit = 0; bit < TEXT.length * 8; bit++) {
    expect(thrown(() => verifyCommitment(commitment, KEY, 'prompt', flip(TEXT, bit)))).toBe('altered');
  }
  for (let bit = 0; bit < 256; bit++) {
    expect(thrown(() => verifyCommitment(flip(commitment, bit), KEY, 'prompt', TEXT))).toBe('altered');
    expect(thrown(() => verifyCommitment(commitment, flip(KEY, bit), 'prompt', TEXT))).toBe('altered');
  }
  expect(thrown(() => verifyCommitment(commitment, KEY, 'response', TEXT))).toBe('altered');
});

test('keys, kinds and commitments of another form are malformed', () => {
  expect(thrown(() => commit(KEY.subarray(1), 'prompt', TEXT))).toBe('malformed');
  expect(thrown(() => commit(KEY, '', TEXT))).toBe('malformed');
  expect(thrown(() => commit(KEY, 'a\nb', TEXT))).toBe('malformed');
  const commitment = commit(KEY, 'prompt', TEXT);
  expect(thrown(() => verifyCommitment(commitment.subarray(1), KEY, 'prompt', TEXT))).toBe('malformed');
});
