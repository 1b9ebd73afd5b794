import { expect, test } from 'vitest';
import { formatCheckpoint, parseCheckpoint } from '#core/evidence/checkpoint/checkpoint.ts';
import { signCheckpoint } from '#core/evidence/checkpoint/sign.ts';
import { EMPTY_ROOT, leafHash } from '#core/evidence/merkle/hash.ts';
import { createNoteKey, parseNoteKey } from '#core/evidence/note/key.ts';
import { openCheckpoint } from '../../../env/checkpoints.ts';
import { thrown } from '../thrown.ts';
import { LOG_KEY, logSigner, ORIGIN, WITNESS_KEYS, witnessed, witnessedOnly } from './logs.ts';

const ROOT = leafHash(Buffer.from('a'));
const ENCODED = Buffer.from(ROOT).toString('base64');
const EMPTY = Buffer.from(EMPTY_ROOT).toString('base64');
const CHECKPOINT = { origin: ORIGIN, size: 1, root: ROOT, extensions: [] };

test('a checkpoint is origin, size and root, each on a line', () => {
  expect(formatCheckpoint(CHECKPOINT)).toBe(`${ORIGIN}\n1\n${ENCODED}\n`);
  expect(formatCheckpoint({ ...CHECKPOINT, size: 0, root: EMPTY_ROOT })).toBe(`${ORIGIN}\n0\n${EMPTY}\n`);
});

test('extension lines are kept', () => {
  const text = `a log\n${Number.MAX_SAFE_INTEGER}\n${ENCODED}\none\n two \n`;
  const checkpoint = parseCheckpoint(text);
  expect(checkpoint).toMatchObject({
    origin: 'a log',
    size: Number.MAX_SAFE_INTEGER,
    extensions: ['one', ' two '],
  });
  expect(formatCheckpoint(checkpoint)).toBe(text);
});

test.each([
  '',
  '\n',
  `${ORIGIN}\n1\n`,
  `${ORIGIN}\n1\n${ENCODED}`,
  `\n1\n${ENCODED}\n`,
  `${ORIGIN}\n01\n${ENCODED}\n`,
  `${ORIGIN}\n+1\n${ENCODED}\n`,
  `${ORIGIN}\n-1\n${ENCODED}\n`,
  `${ORIGIN}\n1e3\n${ENCODED}\n`,
  `${ORIGIN}\n 1\n${ENCODED}\n`,
  `${ORIGIN}\n\u0661\n${ENCODED}\n`,
  `${ORIGIN}\n9007199254740992\n${ENCODED}\n`,
  `${ORIGIN}\n0\n${ENCODED}\n`,
  `${ORIGIN}\n1\n${ENCODED.slice(0, -1)}\n`,
  `${ORIGIN}\n1\n${ENCODED.slice(4)}\n`,
  `${ORIGIN}\n1\n${ENCODED} \n`,
  `${ORIGIN}\n1\n${ENCODED}\n\n`,
  `${ORIGIN}\n1\n${ENCODED}\n\nmore\n`,
  `${ORIGIN}\r\n1\n${ENCODED}\n`,
])('%j is no checkpoint', (text) => {
  expect(thrown(() => parseCheckpoint(text))).toBe('malformed');
});

test.each([
  [{ ...CHECKPOINT, origin: '' }, 'malformed'],
  [{ ...CHECKPOINT, origin: 'a\nb' }, 'malformed'],
  [{ ...CHECKPOINT, extensions: [''] }, 'malformed'],
  [{ ...CHECKPOINT, extensions: ['a\nb'] }, 'malformed'],
  [{ ...CHECKPOINT, root: ROOT.subarray(1) }, 'malformed'],
  [{ ...CHECKPOINT, size: 0 }, 'malformed'],
  [{ ...CHECKPOINT, size: -1 }, 'out_of_range'],
  [{ ...CHECKPOINT, size: 2 ** 53 }, 'out_of_range'],
] as const)('%j is not written', (checkpoint, code) => {
  expect(thrown(() => formatCheckpoint(checkpoint))).toBe(code);
});

test('a checkpoint opens with the key of its log', () => {
  expect(openCheckpoint(signCheckpoint(CHECKPOINT, logSigner), LOG_KEY)).toMatchObject({
    origin: ORIGIN,
    size: 1,
  });
});

test('every witness that is asked for has to have signed, and others may have', () => {
  expect(openCheckpoint(witnessed(CHECKPOINT, 2), LOG_KEY, WITNESS_KEYS).size).toBe(1);
  expect(openCheckpoint(witnessed(CHECKPOINT, 2), LOG_KEY, WITNESS_KEYS.slice(1)).size).toBe(1);
  expect(() => openCheckpoint(witnessed(CHECKPOINT, 1), LOG_KEY, WITNESS_KEYS)).toThrow(
    'witness_missing: witness.example.org/b has not cosigned the checkpoint',
  );
});

test('what another log, or only witnesses signed, is refused', () => {
  const note = witnessed(CHECKPOINT, 2);
  const other = createNoteKey('other.example.org', logSigner.publicKey);
  expect(() => openCheckpoint(note, other)).toThrow('no signature is by a known key');
  expect(() => openCheckpoint(note, other, WITNESS_KEYS)).toThrow('not of other.example.org');
  expect(() => openCheckpoint(witnessedOnly(CHECKPOINT), LOG_KEY)).toThrow('no signature is by a known key');
  expect(() => openCheckpoint(witnessedOnly(CHECKPOINT), LOG_KEY, WITNESS_KEYS)).toThrow(
    'the log did not sign it',
  );
  expect(() => openCheckpoint(note.replace('\n1\n', '\n2\n'), LOG_KEY)).toThrow('checkpoint_refused');
});

test('the examples of the C2SP pages parse', () => {
  const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
  expect(parseCheckpoint(text)).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20_852_163 });
  expect(parseNoteKey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k').type).toBe(
    'ed25519',
  );
});
