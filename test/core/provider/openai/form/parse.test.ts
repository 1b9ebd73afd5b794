import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatForm } from '#core/provider/openai/form/format.ts';
import { parseForm } from '#core/provider/openai/form/parse.ts';
import { RequestError } from '#core/provider/openai/request/request-error.ts';
import { FORM_TYPE, field, file, formOf } from './form.ts';

const parse = (body: Uint8Array | string, type = FORM_TYPE) => parseForm(type, Buffer.from(body as string));

/** What Node reads in a form. */
async function readByNode(contentType: string, body: Uint8Array) {
  const form = await new Response(Buffer.from(body), { headers: { 'content-type': contentType } }).formData();
  const parts = Array.from(form, async ([name, value]) =>
    typeof value === 'string'
      ? [name, undefined, value]
      : [name, value.name, Buffer.from(await value.arrayBuffer()).toString('latin1')],
  );
  return Promise.all(parts);
}

test('fields and files, with their bytes', () => {
  const bytes = Buffer.from([0, 13, 10, 45, 45, 255]);
  const body = formOf([field('purpose'), 'user_data'], [file('file', 'a%22b.bin', 'application/pdf'), bytes]);
  const parts = parse(body);
  expect(parts.map(({ name, filename, type }) => [name, filename, type])).toEqual([
    ['purpose', undefined, ''],
    ['file', 'a"b.bin', 'application/pdf'],
  ]);
  expect(Buffer.from(parts[1]?.bytes ?? [])).toEqual(bytes);
});

test('what clients send: a form of Node, with nested names, non-ASCII file names and an empty file', async () => {
  const form = new FormData();
  form.append('expires_after[anchor]', 'created_at');
  form.append('image[]', new File(['one'], 'eins ü.png', { type: 'image/png' }));
  form.append('image[]', new File([''], 'zwei.png', { type: 'image/png' }));
  const request = new Response(form);
  const type = request.headers.get('content-type') ?? '';
  const parts = parse(new Uint8Array(await request.arrayBuffer()), type);
  expect(parts.map(({ name, filename, bytes }) => [name, filename, Buffer.from(bytes).toString()])).toEqual([
    ['expires_after[anchor]', undefined, 'created_at'],
    ['image[]', 'eins ü.png', 'one'],
    ['image[]', 'zwei.png', ''],
  ]);
});

test('what is written for the provider is read there as it was here, whatever the bytes and names are', async () => {
  const name = fc.constantFrom('file', 'image[]', 'expires_after[anchor]');
  const filename = fc.option(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }), {
    nil: undefined,
  });
  const bytes = fc.oneof(
    fc.uint8Array({ maxLength: 60 }),
    fc
      .constantFrom('\r\n--limit', '--limit--\r\n', '\r\n', '', '\r\n\r\n--')
      .map((text) => Buffer.from(text)),
  );
  const part = fc.record({ name, filename, bytes, type: fc.constantFrom('', 'image/png', 'text/x; y') });
  await fc.assert(
    fc.asyncProperty(fc.array(part, { minLength: 1, maxLength: 5 }), async (parts) => {
      // The others are refused, and so do not come this far.
      const clean = parts.filter(({ filename = '' }) => !/\p{Cc}|[\u2028\u2029%]|\\$/u.test(filename));
      const { contentType, body } = formatForm(clean);
      const read = parseForm(contentType, body);
      expect(read.map((each) => [each.name, each.filename, Buffer.from(each.bytes)])).toEqual(
        clean.map((each) => [each.name, each.filename, Buffer.from(each.bytes)]),
      );
      if (clean.length === 0) return;
      const files = (await readByNode(contentType, body)).filter(([, filename]) => filename !== undefined);
      expect(files).toEqual(
        clean
          .filter(({ filename }) => filename !== undefined)
          .map((each) => [each.name, each.filename, Buffer.from(each.bytes).toString('latin1')]),
      );
    }),
    { numRuns: 150 },
  );
});

test('the same parts are the same bytes, whatever boundary their client chose', () => {
  const body = formOf([field('purpose'), 'batch'], [file('file', 'a.txt'), 'text']).toString();
  const one = formatForm(parse(body));
  const two = formatForm(
    parse(body.replaceAll('--limit', '--other'), 'multipart/form-data; boundary="other"'),
  );
  expect(two).toEqual(one);
});

describe('refused', () => {
  const whole = formOf([file('file', 'a.txt'), 'text']).toString();
  test.each([
    ['no boundary', 'multipart/form-data', whole],
    ['two boundaries', 'multipart/form-data; boundary=limit; boundary=other', whole],
    ['another parameter', 'multipart/form-data; charset=utf-7; boundary=limit', whole],
    ['an extended boundary', 'multipart/form-data; boundary*=utf-8%27%27limit', whole],
    ['another multipart', 'multipart/mixed; boundary=limit', whole],
    ['a boundary that is not in it', 'multipart/form-data; boundary=x', whole],
    ['something before the first boundary', FORM_TYPE, `hidden\r\n${whole}`],
    ['a line end before the first boundary', FORM_TYPE, `\r\n${whole}`],
    ['something behind the last boundary', FORM_TYPE, `${whole}hidden`],
    ['a second form behind the first', FORM_TYPE, whole + whole],
    ['no final boundary', FORM_TYPE, whole.replace('--limit--\r\n', '')],
    ['half a final boundary', FORM_TYPE, whole.replace('--limit--\r\n', '--limit')],
    ['a boundary that goes on', FORM_TYPE, whole.replace('--limit--', '--limit1\r\n\r\nx\r\n--limit--')],
    ['spaces behind a boundary', FORM_TYPE, whole.replace('--limit\r\n', '--limit \r\n')],
    ['line feeds alone', FORM_TYPE, whole.replaceAll('\r\n', '\n')],
    ['headers that do not end', FORM_TYPE, `--limit\r\n${field('a')}\r\n--limit--\r\n`],
    ['no headers', FORM_TYPE, '--limit\r\n\r\ntext\r\n--limit--\r\n'],
    ['long headers', FORM_TYPE, formOf([file('file', 'a'.repeat(9_000)), 'x'])],
    ['many parts', FORM_TYPE, formOf(...Array.from({ length: 201 }, () => [field('a'), 'x'] as const))],
    ['nothing', FORM_TYPE, ''],
  ])('%s', (_what, type, body) => {
    expect(() => parse(body, type)).toThrow(RequestError);
  });

  test.each([
    ['no disposition', 'Content-Type: text/plain'],
    ['another disposition', 'Content-Disposition: attachment; name="file"'],
    ['no name', 'Content-Disposition: form-data; filename="a"'],
    ['an extended file name', `${field('file')}; filename*=UTF-8''SSN%20078-05-1120.txt`],
    ['two file names', `${field('file')}; filename="a"; filename="b"`],
    ['two names', `${field('file')}; name="purpose"`],
    ['an escaped quotation mark', `${field('file')}; filename="a\\"; x="b"`],
    ['an empty file name', `${field('file')}; filename=""`],
    ['a line end in a file name', `${field('file')}; filename="a%0d%0ab"`],
    ['NUL in a file name', `${field('file')}; filename="a\0.png"`],
    ['bytes that are not UTF-8 in a file name', Buffer.from(`${field('file')}; filename="\xff"`, 'latin1')],
    ['a name that is none', field('patient john smith')],
    ['an encoding of the others', field('_charset_')],
    ['base64', `${field('file')}\r\nContent-Transfer-Encoding: base64`],
    ['quoted-printable', `${field('file')}\r\ncontent-transfer-encoding:  Quoted-Printable`],
    ['a nested form', `${field('file')}\r\nContent-Type: multipart/mixed; boundary=inner`],
    ['a folded header', `${field('file')};\r\n filename="a"`],
    ['a header twice', `${field('file')}\r\n${field('purpose')}`],
    ['an unknown header', `${field('file')}\r\nContent-Language: en`],
    ['a wrong length', `${field('file')}\r\nContent-Length: 3`],
    ['a colon with a space before it', 'Content-Disposition : form-data; name="file"'],
  ])('a part with %s', (_what, head) => {
    const body = Buffer.concat([
      Buffer.from('--limit\r\n'),
      Buffer.from(head as string),
      Buffer.from('\r\n\r\ntext\r\n--limit--\r\n'),
    ]);
    expect(() => parse(body)).toThrow(RequestError);
  });

  test('of what older clients say of a part, that which changes nothing is let be', () => {
    const head = `${file('file', 'a.txt')}\r\nContent-Transfer-Encoding: binary\r\nContent-Length: 4`;
    expect(parse(formOf([head, 'text']))).toHaveLength(1);
  });
});
