import { createPrivateKey } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createNoteKey, formatNoteKey, parseNoteKey } from '#core/evidence/note/key.ts';
import { formatNote, MAX_NOTE_BYTES, MAX_NOTE_SIGNATURES, parseNote } from '#core/evidence/note/note.ts';
import { cosign, signNote } from '#core/evidence/note/sign.ts';
import { openNote, verifySignature } from '#core/evidence/note/verify.ts';
import { createSigner, type Signer } from '#core/evidence/signature/ed25519.ts';
import { thrown } from '../thrown.ts';
import vectors from '../vectors/notes.json' with { type: 'json' };

/** Before the 32 bytes of a private Ed25519 key in PKCS #8 (RFC 8410, section 7). */
const PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex');

function signerOf(seed: string): Signer {
  const key = Buffer.concat([PKCS8, Buffer.from(seed, 'base64')]);
  return createSigner(createPrivateKey({ key, format: 'der', type: 'pkcs8' }));
}

const { text, peter, enoch } = vectors.golang;
const [peterKey, enochKey] = [parseNoteKey(peter.verifierKey), parseNoteKey(enoch.verifierKey)];
const bothNote = `${text}\n${peter.line}${enoch.line}`;

test('the example of the signed-note page verifies', () => {
  const key = parseNoteKey(vectors.c2sp.verifierKey);
  const open = openNote(Buffer.from(vectors.c2sp.note), [key]);
  expect(open.text).toBe('This is an example message.\n');
  expect(open.verified).toEqual([{ key }]);
});

test('signing gives the notes of golang.org/x/mod', () => {
  const signatures = [
    signNote(text, 'PeterNeumann', signerOf(peter.seed)),
    signNote(text, 'EnochRoot', signerOf(enoch.seed)),
  ];
  expect(formatNote({ text, signatures })).toBe(bothNote);
});

test('signatures of unknown keys are passed over', () => {
  expect(openNote(bothNote, [peterKey]).verified).toEqual([{ key: peterKey }]);
  expect(openNote(bothNote, [enochKey, peterKey]).verified).toEqual([{ key: peterKey }, { key: enochKey }]);
  expect(openNote(bothNote, [peterKey]).signatures).toHaveLength(2);
  expect(thrown(() => openNote(bothNote, []))).toBe('unsigned');
});

test('name and id together name a key', () => {
  const sameName = createNoteKey('PeterNeumann', signerOf(enoch.seed).publicKey);
  expect(openNote(bothNote, [sameName, enochKey]).verified).toEqual([{ key: enochKey }]);
  const sameId = { ...enochKey, name: 'CarmenSandiego' };
  expect(thrown(() => openNote(bothNote, [sameId]))).toBe('unsigned');
});

test('one bad signature of a known key refuses the note, whatever else it has', () => {
  const altered = peter.line.replace('ZJku', 'ZJkv');
  expect(thrown(() => openNote(`${text}\n${altered}${enoch.line}`, [peterKey, enochKey]))).toBe(
    'signature_invalid',
  );
  expect(thrown(() => openNote(`${text}\n${peter.line}${altered}`, [peterKey]))).toBe('signature_invalid');
  const longer = `${peter.line.slice(0, 60)}ABCD${peter.line.slice(60)}`;
  expect(thrown(() => openNote(`${text}\n${longer}`, [peterKey]))).toBe('signature_invalid');
  expect(openNote(`${text}\n${altered}${enoch.line}`, [enochKey]).verified).toHaveLength(1);
  expect(thrown(() => openNote(bothNote.replace('answer', 'Answer'), [peterKey]))).toBe('signature_invalid');
});

test('a key that signed twice signed', () => {
  const note = `${text}\n${peter.line}${peter.line}${enoch.line}${enoch.line}`;
  expect(openNote(note, [peterKey]).verified).toEqual([{ key: peterKey }]);
});

test('two keys of one name and id cannot be told apart', () => {
  const other = { ...enochKey, publicKey: peterKey.publicKey };
  expect(thrown(() => openNote(`${text}\n${enoch.line}`, [enochKey, peterKey, other]))).toBe('ambiguous_key');
  expect(openNote(`${text}\n${peter.line}`, [enochKey, peterKey, other]).verified).toHaveLength(1);
  expect(openNote(`${text}\n${enoch.line}`, [enochKey, { ...enochKey }]).verified).toHaveLength(1);
});

test.each(vectors.golang.badNotes)('%j is no note', (note) => {
  expect(thrown(() => parseNote(note))).toBe('malformed');
});

test.each([
  ['no em dash', peter.line.replace('—', '-')],
  ['a tab', peter.line.replace(' x', '\tx')],
  ['two blanks', peter.line.replace('— ', '—  ')],
  ['a plus in the name', peter.line.replace('Peter', 'Peter+')],
  ['a Unicode blank in the name', peter.line.replace('Peter', 'Peter\u2003')],
  ['the address alphabet of base64', peter.line.replace('go/Z', 'go_Z')],
  ['no padding', peter.line.replace('=\n', '\n')],
  ['bits beyond the end', peter.line.replace('AM=\n', 'AN=\n')],
  ['an id alone', '— PeterNeumann x08gow==\n'],
  ['an empty line among the signatures', `${peter.line}\n${peter.line.replace('— ', '')}`],
  ['a carriage return', peter.line.replace('\n', '\r\n')],
  ['another last character', peter.line.replace('\n', 'X')],
  ['a NUL after it', `${peter.line}\0\n`],
])('a note with %s is malformed', (_, line) => {
  expect(thrown(() => parseNote(`${text}\n${line}`))).toBe('malformed');
});

test('a note is UTF-8', () => {
  const bytes = Buffer.concat([Buffer.of(0xff), Buffer.from(`${text}\n${peter.line}`)]);
  expect(thrown(() => parseNote(bytes))).toBe('malformed');
  expect(thrown(() => parseNote(`\ud800${text}\n${peter.line}`))).toBe('malformed');
  const marked = parseNote(Buffer.from(`\ufeff${text}\n${peter.line}`));
  expect(marked.text).toBe(`\ufeff${text}`);
});

test('size and number of signatures are limited', () => {
  const most = `${text}\n${peter.line.repeat(MAX_NOTE_SIGNATURES)}`;
  expect(parseNote(most).signatures).toHaveLength(MAX_NOTE_SIGNATURES);
  expect(thrown(() => parseNote(most + peter.line))).toBe('too_large');
  expect(thrown(() => parseNote(`${'a'.repeat(MAX_NOTE_BYTES)}\n\n${peter.line}`))).toBe('too_large');
  const [signature] = parseNote(most).signatures;
  if (signature === undefined) throw new Error('no signature');
  const many = Array.from({ length: MAX_NOTE_SIGNATURES + 1 }, () => signature);
  expect(thrown(() => formatNote({ text, signatures: many }))).toBe('too_large');
  const long = `${'\u00e9'.repeat(MAX_NOTE_BYTES / 2)}\n`;
  expect(thrown(() => formatNote({ text: long, signatures: [signature] }))).toBe('too_large');
});

test('a text may have empty lines and leads back', () => {
  const signer = signerOf(enoch.seed);
  const line = fc.string({ unit: 'grapheme' }).map((part) => part.replace(/\p{Cc}/gu, ''));
  fc.assert(
    fc.property(fc.array(line, { minLength: 1 }), (lines) => {
      const body = `${lines.join('\n')}\n`;
      const note = { text: body, signatures: [signNote(body, 'EnochRoot', signer)] };
      const parsed = parseNote(Buffer.from(formatNote(note)));
      expect(parsed.text).toBe(body);
      expect(formatNote(parsed)).toBe(formatNote(note));
      expect(openNote(formatNote(note), [enochKey]).text).toBe(body);
    }),
  );
});

test.each(['', 'abc', 'a\u0001\n', 'a\r\n', '\ud800\n'])('%j is not signed', (body) => {
  expect(thrown(() => signNote(body, 'EnochRoot', signerOf(enoch.seed)))).toBe('malformed');
  expect(thrown(() => cosign(body, 'EnochRoot', signerOf(enoch.seed), 1))).toBe('malformed');
});

test('no note without a signature is written', () => {
  expect(thrown(() => formatNote({ text, signatures: [] }))).toBe('malformed');
});

test('a signature is not taken for one of another key', () => {
  const [signature] = parseNote(bothNote).signatures;
  if (signature === undefined) throw new Error('no signature');
  expect(verifySignature(text, signature, peterKey)).toEqual({ key: peterKey });
  expect(thrown(() => verifySignature(text, signature, enochKey))).toBe('signature_invalid');
  const renamed = { ...peterKey, name: 'Other' };
  expect(thrown(() => verifySignature(text, signature, renamed))).toBe('signature_invalid');
});

test.each([peter.verifierKey, enoch.verifierKey, vectors.c2sp.verifierKey])('%s is a key', (vkey) => {
  expect(formatNoteKey(parseNoteKey(vkey))).toBe(vkey);
});

test.each([
  ...vectors.golang.badKeys,
  '',
  'PeterNeumann',
  peter.verifierKey.replace('c74f20a3', 'C74F20A3'),
  peter.verifierKey.replace('+ARp', '+ BRp'),
  `${'a'.repeat(5_000)}${peter.verifierKey}`,
])('%j is no key', (vkey) => {
  expect(thrown(() => parseNoteKey(vkey))).toBe('malformed');
});

test('every part of a key that is cut or altered is refused', () => {
  const vkey = peter.verifierKey;
  for (let begin = 0; begin < vkey.length; begin++) {
    for (let end = begin + 1; end <= vkey.length; end++) {
      if (end - begin === vkey.length) continue;
      expect(thrown(() => parseNoteKey(vkey.slice(begin, end)))).toBe('malformed');
    }
    const next = String.fromCharCode(vkey.charCodeAt(begin) + 1);
    const mangled = vkey.slice(0, begin) + next + vkey.slice(begin + 1);
    expect(thrown(() => parseNoteKey(mangled))).toBe('malformed');
  }
});

test.each(['', 'a b', 'a+b', 'a\u00a0b', 'a\u0085b', 'a\nb', 'a\u0000', '\ud800'])(
  'no key is called %j',
  (name) => {
    expect(thrown(() => createNoteKey(name, peterKey.publicKey))).toBe('malformed');
  },
);
