import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker, type Masker } from '#core/phi/mask.ts';
import { maskResponse } from '#core/provider/openai/answer/response.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { readEncoded } from '#core/provider/openai/content/encoded.ts';
import { OpaqueError, OpaqueGate } from '#core/provider/openai/content/gate.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { isOpaque } from '#core/provider/openai/structure.ts';
import { processorMs } from '../../../env/processor-time.ts';
import { formatNamed, parseEvents } from './fixtures/sse.ts';
import { createTestMasker } from './masker.ts';

const route = findRoute('POST', '/v1/responses') as Route;
const masker = createTestMasker();

const base64 = (text: string | Uint8Array) => Buffer.from(text).toString('base64');
const lines = (text: string) => text.replaceAll(/(.{20})/g, '$1\n');
const NOTE = 'The number of the patient is 123-45-6789, and nobody else has it.';
const PNG = base64(Buffer.from([0x89, 0x50, 0x4e, 0x47, 0xff, ...new Array(80).fill(7)]));
const PDF = base64(`%PDF-1.4 ${'a'.repeat(60)}`);

/** What becomes of a member of an answer, whole. */
function mask(key: string, value: string, gate?: OpaqueGate, by: Masker = masker): string {
  const body = new TextEncoder().encode(JSON.stringify({ output: [{ type: 'new', [key]: value }] }));
  return JSON.parse(new TextDecoder().decode(maskResponse(route, body, by, gate).body)).output[0][key];
}

describe('text that is encoded', () => {
  test.each([
    ['in base64', 'result', base64(NOTE), ''],
    ['in base64 in lines', 'file_data', lines(base64(NOTE)), ''],
    ['in a data URL', 'file_data', `data:text/plain;base64,${base64(NOTE)}`, 'data:text/plain;base64,'],
    ['as a picture', 'image_url', `data:image/png;base64,${base64(NOTE)}`, 'data:image/png;base64,'],
    ['in percents', 'file_data', `data:text/plain,${encodeURIComponent(NOTE)}%20`, 'data:text/plain;base64,'],
    ['in short', 'file_data', base64('123-45-6789'), ''],
  ])('%s is masked, and encoded again', (_, key, value, prefix) => {
    const masked = mask(key, value);
    expect(masked.slice(0, prefix.length)).toBe(prefix);
    const text = Buffer.from(masked.slice(prefix.length), 'base64').toString();
    expect(text).toContain('[US_SSN]');
    expect(text).not.toContain('123-45-6789');
  });

  test('stays as it is when nothing is found', () => {
    const value = `data:text/plain;base64,${base64('nothing')}`;
    expect(mask('file_data', value)).toBe(value);
  });

  test.each([
    ['image_url', 'data:image/png;name=123-45-6789;base64,', base64(NOTE)],
    ['note', 'data:the 123-45-6789;base64,', base64(NOTE)],
    ['note', 'data:the/123-45-6789,', encodeURIComponent(NOTE)],
  ])('%s: so is what stands before it, %s', (key, prefix, data) => {
    const masked = mask(key, prefix + data);
    expect(masked.slice(0, masked.indexOf(','))).toBe(
      `${prefix
        .slice(0, -1)
        .replace('123-45-6789', '[US_SSN]')
        .replace(/;base64$/, '')};base64`,
    );
    expect(Buffer.from(masked.slice(masked.indexOf(',')), 'base64').toString()).toContain('[US_SSN]');
  });

  test('is not what only begins like it', () => {
    const text = 'Data: 123-45-6789, up by 5%, or 5%20.';
    expect(mask('note', text)).toBe(text.replace('123-45-6789', '[US_SSN]'));
    expect(mask('note', 'Data: a patient, up by 5%, the 123-45-6789.')).toBe(
      'Data: a patient, up by 5%, the [US_SSN].',
    );
  });

  test('is masked in events too', () => {
    const stream = createStreamMasker(route, masker);
    const item = { type: 'new', file_data: base64(NOTE) };
    const [event] = parseEvents(
      stream.push(formatNamed([{ type: 'response.output_item.done', output_index: 0, item }])),
    );
    const { file_data: data = '' } = (event?.['item'] ?? {}) as { file_data?: string };
    expect(Buffer.from(data, 'base64').toString()).toBe(NOTE.replace('123-45-6789', '[US_SSN]'));
  });
});

test.each([
  ['a document', 'file_data', 'data:application/pdf;base64,', ''],
  ['a sound with more in its type', 'audio_url', 'data:audio/webm;codecs=opus;base64,', ''],
  ['what is before it', 'file_data', 'data:application/pdf;name=', '078-05-1120;base64,'],
])('%s stays whole where it may pass, and nothing is found in it', (_, key, prefix, name) => {
  const real = createMasker(createDetector(), { default: 'placeholder', entities: {} });
  const noise = Buffer.concat(
    Array.from({ length: 300 }, (_none, i) => createHash('sha256').update(`${i}`).digest()),
  );
  const data = Buffer.concat([Buffer.from('%PDF-1.7 '), noise]).toString('base64');
  expect(mask(key, prefix + name + data, undefined, real)).toBe(
    prefix + name.replace('078-05-1120', '[US_SSN]') + data,
  );
});

describe('large content', () => {
  test('is base64 of any size', () => {
    const size = 30 * 1024 * 1024;
    const value = Buffer.alloc(size, 0xff).toString('base64');
    const gate = new OpaqueGate(undefined, false);
    expect(mask('b64_json', value, gate)).toBe(value);
    expect(gate.contents).toMatchObject([{ kind: 'other', size }]);
    expect(isOpaque('encrypted_content', value)).toBe(true);
    for (const url of [`data:image/png;base64,${value}`, `${' '.repeat(size)}data:image/png;base64,${value}`])
      expect(readEncoded(url, 'image_url')?.bytes.length).toBe(size);
  });

  test('in percents is read in a moment', () => {
    let content: ReturnType<typeof readEncoded>;
    const ms = processorMs(() => {
      content = readEncoded(`data:,%7E%c3%A9\u00e9%4${'%41'.repeat(4_000_000)}%`, 'file_data');
    });
    expect(ms).toBeLessThan(1_500);
    expect(Buffer.from(content?.bytes ?? []).toString()).toBe(`~\u00e9\u00e9%4${'A'.repeat(4_000_000)}%`);
  });
});

describe('media get past no gate', () => {
  const CASES: [string, string, string][] = [
    ['plainly', 'b64_json', PNG],
    ['in lines', 'b64_json', lines(PNG)],
    ['with more in the type', 'url', `data:image/png;name=a;base64,${PNG}`],
    ['in letters alone', 'file_data', PDF],
    ['silent', 'data', base64(new Uint8Array(90))],
  ];

  test.each(CASES)('%s', (_, key, value) => {
    expect(() => mask(key, value, new OpaqueGate(new Set(), false))).toThrow(OpaqueError);
    const open = new OpaqueGate(undefined, false);
    expect(mask(key, value, open)).toBe(value);
    expect(open.contents).toHaveLength(1);
  });
});
