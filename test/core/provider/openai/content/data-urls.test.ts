import { describe, expect, test } from 'vitest';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import type { OpaqueContent } from '#core/provider/openai/content/opaque.ts';
import { formatForm } from '#core/provider/openai/form/format.ts';
import { parseForm } from '#core/provider/openai/form/parse.ts';
import { readForm } from '#core/provider/openai/form/read.ts';
import { readTexts } from '#core/provider/openai/request/read-texts.ts';
import { finish } from '#core/provider/openai/steps.ts';
import { processorMs } from '../../../../env/processor-time.ts';

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64');
const NOTE =
  'The number of the patient is 123-45-6789, and nobody else has it: she came on a Monday. \u00ff\u00fe?';
const URL = `data:text/plain;base64,${base64(NOTE)}`;
const PNG = base64(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, ...new Array(80).fill(7)]));

/** The texts of a request that has this as what a person says, and what in it cannot be read. */
function read(content: string): { texts: string[]; media: OpaqueContent[] } {
  const media: OpaqueContent[] = [];
  const found = readTexts({ messages: [{ role: 'user', content }] }, (one) => media.push(one));
  expect(found.map(({ place }) => place)).toEqual(found.map(() => 'messages[0].content'));
  return { texts: found.map(({ text }) => text), media };
}

describe('a text in a data URL within a text is read as well', () => {
  const inLines = (text: string, end: string) => text.replaceAll(/(.{76})/g, `$1${end}`);
  test.each([
    ['in words', `see ${URL} please`],
    ['in Markdown', `[note](${URL})`],
    ['in HTML', `<a href="${URL}">`],
    ['of another type', `see ${URL.replace('text/plain', 'image/png')}`],
    ['with parameters', `see ${URL.replace('plain', 'plain; charset="utf-8"')}`],
    ['in capitals', `see ${URL.replace('data', 'DATA').replace('base64', 'BASE64')}`],
    ['with spaces', `see ${URL.replace(';base64,', ' ; base64 ,')}`],
    [
      'in the letters of URLs',
      `see ${URL.replaceAll('+', '-').replaceAll('/', '_').replace('text_', 'text/')}`,
    ],
    ['in percents', `see ${URL.replaceAll('+', '%2B').replaceAll('=', '%3d')}`],
    ['in lines', `see ${inLines(URL, '\n')} and`],
    ['in lines of its own', `see ${URL.replace(/,.*/, (data) => `,\n${inLines(data.slice(1), '\n')}`)}`],
    ['before a line of words', `see data:a/b;base64,${base64(`${NOTE}.`.slice(0, -1))}\nand`],
    ['in lines of Windows', `see ${inLines(URL, '\r\n  ')} and`],
    ['in JSON', JSON.stringify({ text: `see ${URL}` })],
    ['in JSON with its slashes escaped', JSON.stringify({ a: 'b\n', text: URL }).replaceAll('/', '\\/')],
    ['in another one', `see data:text/html;base64,${base64(`<a href="${URL}">`)}`],
  ])('%s', (_, content) => {
    const { texts, media } = read(content);
    expect(texts).toContain(NOTE);
    expect(media).toEqual([]);
  });

  test('in a member that the API does not have, a map, a comparison, and behind the first URL', () => {
    const one = `12345 ${URL}`;
    const two = `${URL} and data:,x, then data:text/csv;base64,${base64('a,123-45-6789')}.`;
    const filter = { key: 'note', type: 'eq', value: one };
    const found = readTexts({ of_mine: one, metadata: { a: one, b: { c: [two] } }, filters: filter });
    const said = found.filter(({ text }) => text === NOTE || text === 'a,123-45-6789');
    expect(said.map(({ place }) => place)).toEqual([
      'of_mine',
      'metadata.a',
      'metadata.b.c[0]',
      'metadata.b.c[0]',
      'filters.value',
    ]);
  });

  test('in a file, and in a file within a request', () => {
    const { contentType, body } = formatForm([
      { name: 'purpose', filename: undefined, type: '', bytes: Buffer.from('user_data') },
      {
        name: 'file',
        filename: 'a.md',
        type: 'text/markdown',
        bytes: Buffer.from(`![](${URL}) ![](data:image/png;base64,${PNG})`),
      },
    ]);
    const { texts, opaque } = finish(
      readForm(findRoute('POST', '/files') as Route, parseForm(contentType, body)),
    );
    expect(texts).toContainEqual({ place: 'file', text: NOTE });
    expect(opaque).toMatchObject([{ place: 'file', kind: 'image', mediaType: 'image/png' }]);
    const inner = readTexts({ file_data: `data:text/markdown;base64,${base64(`![](${URL})`)}` });
    expect(inner.map(({ text }) => text)).toEqual([`![](${URL})`, NOTE]);
  });
});

test('a picture in a data URL within a text is told as one', () => {
  const { texts, media } = read(`![chart](data:image/png;base64,${PNG})`);
  expect(texts).toHaveLength(1);
  expect(media).toMatchObject([{ kind: 'image', mediaType: 'image/png', size: 85 }]);
});

test.each([
  'Use data:image/png;base64,iVBORw0KGgo... as a prefix.',
  'Data: nothing, but words; base64, too.',
])('%j is no more than it says', (content) => {
  expect(read(content)).toEqual({ texts: [content], media: [] });
});

test.each([
  ['beginnings', 'data:'.repeat(3_000_000)],
  ['parameters', `data:${';a=b'.repeat(60)} `.repeat(60_000)],
  ['spaces', `data:${' '.repeat(60)}; `.repeat(100_000)],
  ['lines', `data:;base64,${`${'A'.repeat(60)}\n`.repeat(250_000)}`],
  ['URLs', 'data:;base64,QUFBQUFB '.repeat(100_000)],
])('many %s are read in a moment', (_, content) => {
  expect(processorMs(() => readTexts({ input: content }))).toBeLessThan(3_000);
});
