import { describe, expect, test } from 'vitest';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { OpaqueError, OpaqueGate } from '#core/provider/openai/content/gate.ts';
import { maskResponse } from '#core/provider/openai/response.ts';
import { createStreamMasker } from '#core/provider/openai/stream.ts';
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
function mask(key: string, value: string, gate?: OpaqueGate): string {
  const body = new TextEncoder().encode(JSON.stringify({ output: [{ type: 'new', [key]: value }] }));
  return JSON.parse(new TextDecoder().decode(maskResponse(route, body, masker, gate).body)).output[0][key];
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
