import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { parseForm } from '#core/provider/openai/form/parse.ts';
import { RequestError, readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import { FORM_TYPE, field, file, formOf, type Piece } from './form.ts';

const read = (path: string, ...parts: Piece[]) =>
  readRequest(readTarget('POST', path) as Target, formOf(...parts), FORM_TYPE);
const textsOf = (path: string, ...parts: Piece[]) =>
  read(path, ...parts).texts.map(({ place, text }) => `${place}: ${text}`);
const PDF = Buffer.from('%PDF-1.7\n');

test('a text file is read, with its name; what stays are the words of the form', () => {
  const request = read('/files', [field('purpose'), 'user_data'], [file('file', 'Smith.csv'), 'a,b\n1,2']);
  expect(request.texts).toEqual([
    { place: 'purpose', text: 'user_data' },
    { place: 'file.filename', text: 'Smith.csv' },
    { place: 'file', text: 'a,b\n1,2' },
  ]);
  expect([request.opaque, request.lines]).toEqual([[], []]);
});

test('a file is what its bytes are, not what it is called', () => {
  const { texts, opaque } = read('/files', [file('file', 'a.txt', 'text/plain'), PDF]);
  const sha256 = createHash('sha256').update(PDF).digest();
  expect(opaque).toEqual([{ place: 'file', kind: 'pdf', mediaType: 'text/plain', size: 9, sha256 }]);
  expect(texts.at(-1)).toEqual({ place: 'file', text: '(data that cannot be read: pdf, 9 bytes)' });
});

test.each([
  ['JSON', '{"note": "SSN \\u0030\\u00378-05-1120"}'],
  ['lines of JSON', '{"a":1}\n{"note":"SSN 07\\u0038-05-1120"}\n'],
  ['no JSON', 'x = "SSN \\u00307\\u0038-05-1120"\n'],
  ['JSON that is not accepted', '{"a":"SSN \\u00307\\u0038-05-1120","a":1}'],
  ['a mark before it', '\ufeff{"note":"SSN 07\\u0038-05-1120"}'],
])('escapes in a file are resolved: %s', (_what, content) => {
  expect(textsOf('/files', [file('file', 'a'), content]).join('\n')).toContain('SSN 078-05-1120');
});

test('fields: numbered in lists, keys of the caller beside their values, data URLs as what they are', () => {
  const audio = `data:audio/wav;base64,${Buffer.from('RIFF\0\0\0\0WAVEfmt ').toString('base64')}`;
  const request = read(
    '/audio/transcriptions',
    [field('model'), 'whisper-1'],
    [field('stream'), 'true'],
    [field('keywords[]'), 'one'],
    [field('keywords[]'), 'two'],
    [field('known_speaker_references[]'), audio],
    [field('chunking_strategy[mrn]'), '1234567'],
    [field('prompt'), '{"a":"\\u0041"}'],
  );
  expect([request.model, request.stream]).toEqual(['whisper-1', true]);
  expect(request.texts.map(({ place, text }) => `${place}: ${text}`)).toEqual([
    'stream: true',
    'keywords[0]: one',
    'keywords[1]: two',
    expect.stringContaining('known_speaker_references[0]: data:audio/wav'),
    'chunking_strategy[mrn]: mrn: 1234567',
    'prompt: {"a":"A"}',
  ]);
  expect(request.opaque).toMatchObject([{ kind: 'audio', place: 'known_speaker_references[0]' }]);
});

test('a field that is no text is opaque as well', () => {
  expect(read('/files', [field('file'), PDF]).opaque).toMatchObject([{ kind: 'pdf' }]);
});

test('a piece of an upload counts as unread, and is read nevertheless', () => {
  const { opaque, texts } = read('/uploads/upload_1/parts', [file('data', 'blob'), 'SSN 078-05-']);
  expect(opaque).toMatchObject([{ place: 'data', kind: 'other' }]);
  expect(texts).toContainEqual({ place: 'data', text: 'SSN 078-05-' });
  expect(read('/uploads/upload_1/parts', [field('data'), 'SSN 078-05-']).opaque).toHaveLength(1);
});

test('the provider gets what was read, under a boundary of ours', () => {
  const { outgoing } = read(
    '/files',
    [field('purpose'), 'vision'],
    [file('file', 'a.png', 'x/SSN 078-05-1120'), 'x'],
  );
  const parts = parseForm(outgoing.contentType, outgoing.body);
  expect(parts.map(({ name, filename, type }) => [name, filename, type])).toEqual([
    ['purpose', undefined, ''],
    ['file', 'a.png', 'application/octet-stream'],
  ]);
  expect(Buffer.from(outgoing.body).toString()).not.toContain('limit');
});

describe('refused', () => {
  test.each<[string, string, Piece[]]>([
    [
      'a field twice',
      '/files',
      [
        [field('purpose'), 'vision'],
        [field('purpose'), 'batch'],
      ],
    ],
    [
      'a file twice',
      '/files',
      [
        [file('file', 'a'), 'x'],
        [file('file', 'b'), 'y'],
      ],
    ],
    ['a field as a list', '/audio/transcriptions', [[field('model[]'), 'whisper-1']]],
    [
      'a field plainly and with brackets',
      '/files',
      [
        [field('x'), '1'],
        [field('x[y]'), '2'],
      ],
    ],
    ['a model in a file', '/audio/transcriptions', [[file('model', 'a'), 'whisper-1']]],
    ['a stream that is maybe', '/images/edits', [[field('stream'), '1']]],
  ])('%s', (_what, path, parts) => {
    expect(() => read(path, ...parts)).toThrow(RequestError);
  });

  test('JSON where there must be a form, and a form where there must be JSON', () => {
    const target = (path: string) => readTarget('POST', path) as Target;
    const json = Buffer.from('{}');
    expect(() => readRequest(target('/files'), json, 'application/json')).toThrow(RequestError);
    const form = formOf([field('a'), 'b']);
    expect(() => readRequest(target('/responses'), form, FORM_TYPE)).toThrow(RequestError);
    expect(
      readRequest(target('/images/edits'), Buffer.from('{"prompt":"x"}'), 'application/json').texts,
    ).toEqual([{ place: 'prompt', text: 'x' }]);
  });
});

test('media in JSON are told of, ciphertext of the provider is not', () => {
  const base64 = Buffer.concat([PDF, Buffer.alloc(90, 0xff)]).toString('base64');
  const content = [
    { type: 'input_image', image_url: `data:image/png;base64,${base64}` },
    { type: 'input_file', file_data: `data:text/plain;base64,${base64}` },
    { type: 'input_file', file_data: Buffer.from('words '.repeat(20)).toString('base64') },
    { type: 'reasoning', encrypted_content: base64 },
  ];
  const body = Buffer.from(JSON.stringify({ input: [{ role: 'user', content }] }));
  const { opaque } = readRequest(readTarget('POST', '/responses') as Target, body);
  expect(opaque.map(({ place, kind, mediaType }) => [place, kind, mediaType])).toEqual([
    ['input[0].content[0].image_url', 'pdf', 'image/png'],
    ['input[0].content[1].file_data', 'pdf', 'text/plain'],
  ]);
});

test.each([
  ['a space before it', (base64: string) => ` data:image/png;base64,${base64}`],
  ['spaces within', (base64: string) => `data:image/png ; base64 , ${base64.replace(/(.{20})/g, '$1\n')}`],
  ['capital letters', (base64: string) => `DATA:IMAGE/PNG;BASE64,${base64}`],
  [
    'another alphabet',
    (base64: string) => `data:;base64,${base64.replaceAll('/', '_').replaceAll('+', '-')}`,
  ],
  ['no base64', () => `data:image/png,${encodeURIComponent('a')}%89PNG%00%ff`],
])('a data URL as a lenient reader takes it is told of too: %s', (_what, write) => {
  const base64 = Buffer.concat([Buffer.from('\x89PNG\r\n', 'latin1'), Buffer.alloc(90, 0xff)]).toString(
    'base64',
  );
  const body = { messages: [{ content: [{ image_url: { url: write(base64) } }] }] };
  const target = readTarget('POST', '/chat/completions') as Target;
  expect(readRequest(target, Buffer.from(JSON.stringify(body))).opaque).toHaveLength(1);
});

test('a comparison of a search is read with its key, numbers too', () => {
  const filters = {
    type: 'and',
    filters: [
      { type: 'eq', key: 'mrn', value: 1234567 },
      { type: 'in', key: 'ward', value: ['3', 4] },
    ],
  };
  const target = readTarget('POST', '/vector_stores/vs_0123456789abcdef/search') as Target;
  const { texts } = readRequest(target, Buffer.from(JSON.stringify({ query: 'x', filters })));
  expect(texts.map(({ text }) => text)).toEqual(['x', 'mrn', 'mrn: 1234567', 'ward', 'ward: ["3",4]']);
});

test('a batch of as many requests as the API takes is read whole', () => {
  const messages = ['system', 'user', 'user'].map((role) => ({ role, content: 'hello there' }));
  const line = JSON.stringify({
    ...{ custom_id: 'a', method: 'POST', url: '/v1/chat/completions' },
    body: { model: 'gpt-5', messages },
  });
  const request = read(
    '/files',
    [field('purpose'), 'batch'],
    [file('file', 'a'), `${line}\n`.repeat(50_000)],
  );
  expect(request.lines).toHaveLength(50_000);
  expect(request.texts.filter(({ text }) => text === 'hello there')).toHaveLength(150_000);
});
