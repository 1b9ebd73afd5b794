import { generateKeyPairSync, verify } from 'node:crypto';
import { expect, test } from 'vitest';
import { createNoteKey, formatNoteKey, parseNoteKey } from '#core/evidence/note/key.ts';
import { formatNote } from '#core/evidence/note/note.ts';
import { cosign, signNote } from '#core/evidence/note/sign.ts';
import { openNote } from '#core/evidence/note/verify.ts';
import { createSigner } from '#core/evidence/signature/ed25519.ts';
import { flip } from '../merkle/trees.ts';
import { thrown } from '../thrown.ts';

const TEXT = 'example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n';
const WITNESS = 'witness.example.com/w1';
const SECONDS = 1_679_315_147;
const { publicKey, privateKey } = generateKeyPairSync('ed25519');
const signer = createSigner(privateKey);
const key = createNoteKey(WITNESS, publicKey, 'cosignature');

test('a cosignature is a time and a signature over the lines that the C2SP page gives', () => {
  const { bytes } = cosign(TEXT, WITNESS, signer, SECONDS);
  expect(Buffer.from(bytes.subarray(0, 8)).toString('hex')).toBe('00000000641850cb');
  const message = Buffer.from(`cosignature/v1\ntime 1679315147\n${TEXT}`);
  expect(verify(null, message, publicKey, bytes.subarray(8))).toBe(true);
});

test('it verifies, and tells its time', () => {
  const note = formatNote({ text: TEXT, signatures: [cosign(TEXT, WITNESS, signer, SECONDS)] });
  expect(openNote(note, [key]).verified).toEqual([{ key, seconds: SECONDS }]);
  expect(openNote(note, [parseNoteKey(formatNoteKey(key))]).verified).toHaveLength(1);
});

test('time, text and signature are all of it', () => {
  const { bytes, ...line } = cosign(TEXT, WITNESS, signer, SECONDS);
  for (let bit = 0; bit < bytes.length * 8; bit++) {
    const note = formatNote({ text: TEXT, signatures: [{ ...line, bytes: flip(bytes, bit) }] });
    expect(
      thrown(() => openNote(note, [key])),
      `${bit}`,
    ).toBe('signature_invalid');
  }
  const other = formatNote({ text: `${TEXT}more\n`, signatures: [{ ...line, bytes }] });
  expect(thrown(() => openNote(other, [key]))).toBe('signature_invalid');
});

test('plain signatures and cosignatures of one key are not taken for each other', () => {
  const plain = createNoteKey(WITNESS, publicKey);
  expect(plain.id).not.toBe(key.id);
  const cosigned = cosign(TEXT, WITNESS, signer, SECONDS);
  const signed = signNote(TEXT, WITNESS, signer);
  expect(thrown(() => openNote(formatNote({ text: TEXT, signatures: [cosigned] }), [plain]))).toBe(
    'unsigned',
  );
  expect(thrown(() => openNote(formatNote({ text: TEXT, signatures: [signed] }), [key]))).toBe('unsigned');
  const relabelled = { ...signed, id: key.id };
  const note = formatNote({ text: TEXT, signatures: [relabelled] });
  expect(thrown(() => openNote(note, [key]))).toBe('signature_invalid');
});

test.each([new Uint8Array(1), new Uint8Array(8), new Uint8Array(72).fill(0xff)])(
  '%j is no cosignature',
  (bytes) => {
    const note = formatNote({ text: TEXT, signatures: [{ name: WITNESS, id: key.id, bytes }] });
    expect(thrown(() => openNote(note, [key]))).toBe('signature_invalid');
  },
);

test.each([-1, 0.5, Number.NaN, 2 ** 53])('%d is no time', (seconds) => {
  expect(thrown(() => cosign(TEXT, WITNESS, signer, seconds))).toBe('malformed');
});
