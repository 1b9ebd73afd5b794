import fc from 'fast-check';
import { expect, test } from 'vitest';
import { inclusionProof } from '#core/evidence/merkle/prove.ts';
import { formatProof, type LogProof, parseProof } from '#core/evidence/proof/proof.ts';
import { verifyProof } from '#core/evidence/proof/verify.ts';
import { ORIGIN, trust, witnessed } from '../checkpoint/logs.ts';
import { alter, change, flip, leaves, storeNodes } from '../merkle/trees.ts';
import { thrown } from '../thrown.ts';

const SIZE = 100;
const ALL = leaves(SIZE);
const { frontier, read } = storeNodes(ALL);
const CHECKPOINT = witnessed({ origin: ORIGIN, ...frontier.head(), extensions: [] }, 2);

async function prove(index: number, extra?: Uint8Array): Promise<LogProof> {
  const hashes = await inclusionProof(index, SIZE, read);
  return { index, hashes, checkpoint: CHECKPOINT, ...(extra === undefined ? {} : { extra }) };
}

const leaf = (index: number): Uint8Array => ALL[index] ?? new Uint8Array(0);
const text = formatProof(await prove(42));

test('a proof is header, index, hashes, an empty line, and the checkpoint', async () => {
  const { hashes } = await prove(42);
  const encoded = hashes.map((hash) => Buffer.from(hash).toString('base64'));
  expect(text).toBe(`c2sp.org/tlog-proof@v1\nindex 42\n${encoded.join('\n')}\n\n${CHECKPOINT}`);
  const extra = formatProof(await prove(42, Buffer.from('more')));
  expect(extra).toBe(text.replace('index', 'extra bW9yZQ==\nindex'));
});

test('it leads back, and verifies', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(SIZE - 1),
      fc.option(fc.uint8Array(), { nil: undefined }),
      async (index, extra) => {
        const written = formatProof(await prove(index, extra));
        const proof = parseProof(Buffer.from(written));
        expect(formatProof(proof)).toBe(written);
        expect(verifyProof(proof, leaf(index), trust(2)).checkpoint.size).toBe(SIZE);
      },
    ),
  );
});

test('with anything changed it does not verify', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.nat(SIZE - 1),
      change,
      fc.nat(255),
      fc.nat(),
      async (index, anyChange, bit, other) => {
        const proof = await prove(index);
        const hashes = alter(proof.hashes, anyChange);
        if (hashes !== undefined) {
          expect(thrown(() => verifyProof({ ...proof, hashes }, leaf(index), trust()))).toBe('proof_refused');
        }
        expect(thrown(() => verifyProof(proof, flip(leaf(index), bit), trust()))).toBe('proof_refused');
        if (other % SIZE !== index) {
          expect(thrown(() => verifyProof({ ...proof, index: other % SIZE }, leaf(index), trust()))).toBe(
            'proof_refused',
          );
        }
      },
    ),
  );
});

test('no character of it may be another', async () => {
  const proof = parseProof(text);
  for (let at = 0; at < text.length; at++) {
    const altered = `${text.slice(0, at)}${text[at] === 'B' ? 'C' : 'B'}${text.slice(at + 1)}`;
    const code = thrown(() => verifyProof(parseProof(altered), leaf(42), trust(2)));
    expect(code, `at ${at} of ${proof.index}`).toBeDefined();
  }
});

test('the log must be the one asked for, with its witnesses', async () => {
  const proof = await prove(1);
  expect(thrown(() => verifyProof(proof, leaf(1), { ...trust(), origin: 'other' }))).toBe('wrong_origin');
  expect(thrown(() => verifyProof(proof, leaf(1), trust(3)))).toBe('quorum_missed');
  expect(thrown(() => verifyProof({ ...proof, index: SIZE }, leaf(1), trust()))).toBe('out_of_range');
});

test.each([
  ['nothing', ''],
  ['another version', text.replace('@v1', '@v2')],
  ['no index', text.replace('index 42\n', '')],
  ['an index with a leading zero', text.replace('index 42', 'index 042')],
  ['an index over 2^53 - 1', text.replace('index 42', 'index 9007199254740992')],
  ['two blanks', text.replace('index 42', 'index  42')],
  ['extra data after the index', text.replace('index 42', 'index 42\nextra bW9yZQ==')],
  ['extra data twice', text.replace('index', 'extra bW9yZQ==\nextra bW9yZQ==\nindex')],
  ['extra data without padding', text.replace('index', 'extra bW9yZQ\nindex')],
  ['a hash of 31 bytes', text.replace('index 42', `index 42\n${Buffer.alloc(31).toString('base64')}`)],
  ['no base64', text.replace('index 42', 'index 42\n-')],
  ['an empty line before the hashes', text.replace('index 42\n', 'index 42\n\n')],
  ['carriage returns', text.replaceAll('\n', '\r\n')],
  ['no checkpoint', text.slice(0, text.indexOf('\n\n') + 2)],
  ['an unsigned checkpoint', text.slice(0, text.lastIndexOf('\n\n') + 2)],
])('a proof with %s is malformed', (_, proof) => {
  expect(thrown(() => parseProof(proof))).toBe('malformed');
});

test('a proof is limited', async () => {
  const hash = leaf(0);
  const proof = await prove(0);
  const hashes = Array.from({ length: 54 }, () => hash);
  expect(thrown(() => formatProof({ ...proof, hashes }))).toBe('too_large');
  expect(thrown(() => formatProof({ ...proof, extra: new Uint8Array(65_537) }))).toBe('too_large');
  expect(thrown(() => formatProof({ ...proof, index: -1 }))).toBe('out_of_range');
  expect(thrown(() => formatProof({ ...proof, hashes: [hash.subarray(1)] }))).toBe('malformed');
  const line = `${Buffer.from(hash).toString('base64')}\n`;
  expect(thrown(() => parseProof(text.replace('index 42\n', `index 42\n${line.repeat(54)}`)))).toBe(
    'too_large',
  );
  expect(thrown(() => parseProof(`${text}${'a'.repeat(1_200_000)}`))).toBe('too_large');
});
