import { expect, test } from 'vitest';
import { formatCheckpoint, parseCheckpoint } from '#core/evidence/checkpoint/checkpoint.ts';
import { openCheckpoint } from '#core/evidence/checkpoint/open.ts';
import { signCheckpoint } from '#core/evidence/checkpoint/sign.ts';
import { EMPTY_ROOT, leafHash } from '#core/evidence/merkle/hash.ts';
import { createNoteKey, parseNoteKey } from '#core/evidence/note/key.ts';
import { formatNote } from '#core/evidence/note/note.ts';
import { cosign, signNote } from '#core/evidence/note/sign.ts';
import { thrown } from '../thrown.ts';
import { logSigner, ORIGIN, SECONDS, trust, WITNESSES, witnessed, witnessedOnly } from './logs.ts';

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

test('a checkpoint opens with the keys of its log', () => {
  const open = openCheckpoint(signCheckpoint(CHECKPOINT, logSigner), trust());
  expect(open.checkpoint).toMatchObject({ origin: ORIGIN, size: 1 });
  expect(open.log.key.name).toBe(ORIGIN);
  expect(open.witnesses).toEqual([]);
});

test('witnesses that signed are named, and their number asked for', () => {
  const note = witnessed(CHECKPOINT, 2);
  const { witnesses } = openCheckpoint(note, trust(2));
  expect(witnesses.map(({ key, seconds }) => [key.name, seconds])).toEqual(
    WITNESSES.map((name) => [name, SECONDS]),
  );
  expect(thrown(() => openCheckpoint(witnessed(CHECKPOINT, 1), trust(2)))).toBe('quorum_missed');
  expect(openCheckpoint(witnessed(CHECKPOINT, 1), trust(1)).witnesses).toHaveLength(1);
});

test('one witness under two names counts once', () => {
  const { logKeys, origin } = trust();
  const keys = ['w.example.org/1', 'w.example.org/2'].map((name) =>
    createNoteKey(name, logSigner.publicKey, 'cosignature'),
  );
  const text = formatCheckpoint(CHECKPOINT);
  const signatures = [
    signNote(text, ORIGIN, logSigner),
    ...keys.map(({ name }) => cosign(text, name, logSigner, SECONDS)),
  ];
  const twice = { origin, logKeys, witnessKeys: keys, quorum: 2 };
  expect(thrown(() => openCheckpoint(formatNote({ text, signatures }), twice))).toBe('quorum_missed');
});

test('what another log, or only witnesses signed, is refused', () => {
  const note = witnessed(CHECKPOINT, 2);
  expect(thrown(() => openCheckpoint(note, { ...trust(), origin: 'other.example.org' }))).toBe(
    'wrong_origin',
  );
  expect(thrown(() => openCheckpoint(witnessedOnly(CHECKPOINT), trust()))).toBe('unsigned');
  expect(thrown(() => openCheckpoint(note, { ...trust(), logKeys: [], witnessKeys: [] }))).toBe('unsigned');
  expect(thrown(() => openCheckpoint(note.replace('\n1\n', '\n2\n'), trust()))).toBe('signature_invalid');
});

test('a plain key is no witness, and a cosignature not the word of the log', () => {
  const { logKeys, witnessKeys } = trust();
  const note = witnessed(CHECKPOINT, 1);
  const plain = { origin: ORIGIN, logKeys, witnessKeys: logKeys, quorum: 1 };
  expect(thrown(() => openCheckpoint(note, plain))).toBe('quorum_missed');
  const swapped = { origin: ORIGIN, logKeys: witnessKeys, witnessKeys: [], quorum: 0 };
  expect(thrown(() => openCheckpoint(note, swapped))).toBe('unsigned');
});

test('the examples of the C2SP pages parse', () => {
  const text = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
  expect(parseCheckpoint(text)).toMatchObject({ origin: 'example.com/behind-the-sofa', size: 20_852_163 });
  expect(parseNoteKey('example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k').type).toBe(
    'ed25519',
  );
});
