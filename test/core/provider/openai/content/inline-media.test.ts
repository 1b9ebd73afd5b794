import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker, OffsetMap } from '#core/phi/mask.ts';
import { maskResponse } from '#core/provider/openai/answer/response.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { OpaqueError, OpaqueGate } from '#core/provider/openai/content/gate.ts';
import { keepMedia } from '#core/provider/openai/content/inline-media.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import { processorMs } from '../../../../env/processor-time.ts';
import { expectExact } from '../../../phi/offsets.ts';
import { cut } from '../cut.ts';
import { formatChunks, parseEvents } from '../fixtures/sse.ts';

const real = createMasker(createDetector(), { default: 'placeholder', entities: {} });
const masker = keepMedia(real, () => {});
const chat = findRoute('POST', '/v1/chat/completions') as Route;

const noise = (size: number) =>
  Buffer.concat(
    Array.from({ length: Math.ceil(size / 32) }, (_, i) => createHash('sha256').update(`${i}`).digest()),
  ).subarray(0, size);

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

const PNG_HEAD = Buffer.from('89504e470d0a1a0a', 'hex');
const PNG = Buffer.concat([
  PNG_HEAD,
  chunk('IHDR', noise(13)),
  chunk('IDAT', noise(3_000)),
  chunk('IEND', Buffer.alloc(0)),
]);
const JPEG = Buffer.concat([
  Buffer.from('ffd8ffe00004aaaaffda', 'hex'),
  noise(9_000),
  Buffer.from('ffd9', 'hex'),
]);
const RIFF = Buffer.concat([Buffer.from('RIFF\x2c\x23\0\0WAVE', 'latin1'), noise(9_000)]);
const base64 = (bytes: Buffer | string) => Buffer.from(bytes).toString('base64');
const NAMED = 'Ann Smith, SSN 078-05-1120';

test.each([
  ['text/plain;charset=utf-8;base64,', NAMED, '[PERSON], SSN [US_SSN]'],
  ['text/plain; charset="utf-8"; base64,', NAMED, '[PERSON], SSN [US_SSN]'],
  // JSON stays JSON.
  ['application/json;base64,', '{"mrn": 482913, "ward": "A"}', '{"mrn": "[MRN]", "ward": "A"}'],
])('a text in a data URL of a text is masked, and encoded again: %s', (prefix, text, masked) => {
  const said = (inner: string) => `see data:${prefix}${base64(inner)} please`;
  expect(masker.mask(said(text)).text).toBe(said(masked));
});

describe('a picture or sound in a text', () => {
  const MEDIA: [string, string, Buffer][] = [
    ['PNG', 'image/png', PNG],
    ['JPEG', 'image/jpeg', JPEG],
    ['WAV', 'audio/wav', RIFF],
  ];

  test.each(MEDIA)('stays as it is, %s, and what stands around it is masked', (_name, type, bytes) => {
    const url = `data:${type};base64,${base64(bytes)}`;
    // It would be damaged.
    expect(real.mask(url).text).not.toBe(url);
    const text = `${NAMED}: ![scan](${url}), and ![](${url})\nof ${NAMED}.`;
    const masked = masker.mask(text);
    expect(masked.text).toBe(text.replaceAll(NAMED, '[PERSON], SSN [US_SSN]'));
    expect(masked.counts).toEqual({ PERSON: 2, US_SSN: 2 });
    const json = JSON.stringify({ note: NAMED, picture: url, more: [url, NAMED] });
    expect(masker.maskJson(json).text).toBe(json.replaceAll(NAMED, '[PERSON], SSN [US_SSN]'));
  });

  test('is the same however the text is cut, and offsets stay on their words', () => {
    const text = `${NAMED} data:image/png;base64,${base64(PNG)} data:text/plain;base64,${base64(NAMED)} x ${NAMED}.`;
    const masked = masker.mask(text).text;
    fc.assert(
      fc.property(fc.array(fc.nat(40), { minLength: 1, maxLength: 30 }), (sizes) => {
        const offsets = new OffsetMap();
        const stream = masker.stream(offsets);
        const out =
          cut(text, sizes)
            .map((piece) => stream.push(piece))
            .join('') + stream.end();
        expect(out).toBe(masked);
        expectExact(text, out, offsets, /^(?:\[[A-Z_]+\]|W1BF.*==)$/);
      }),
      { numRuns: 60 },
    );
  });

  test('takes time by its length, however small the pieces are that it comes in', () => {
    const letters = base64(noise(1_500_000));
    const stream = masker.stream();
    const ms = processorMs(() => {
      stream.push('data:image/png;base64,');
      for (let at = 0; at < letters.length; at += 16) stream.push(letters.slice(at, at + 16));
    });
    expect(ms).toBeLessThan(1_500);
  });

  test('goes through the gate, and is noted once', () => {
    const content = `![scan](data:image/png;base64,${base64(PNG)}) done`;
    const mask = (gate: OpaqueGate) => {
      const stream = createStreamMasker(chat, real, { gate });
      const deltas = Array.from(content.match(/.{1,100}/g) ?? [], (piece) => ({
        choices: [{ index: 0, delta: { content: piece }, finish_reason: null }],
      }));
      const events = parseEvents(Buffer.concat([stream.push(formatChunks(deltas)), stream.end()]));
      const whole = { choices: [{ index: 0, message: { role: 'assistant', content } }] };
      maskResponse(chat, Buffer.from(JSON.stringify(whole)), real, gate);
      type Said = { choices: { delta: { content?: string } }[] };
      return (events as unknown as Said[])
        .flatMap(({ choices }) => choices)
        .map(({ delta }) => delta.content ?? '');
    };
    const open = new OpaqueGate(undefined, false);
    expect(mask(open).join('')).toBe(content);
    expect(open.contents).toMatchObject([
      { place: 'choices.0.content', kind: 'image', mediaType: 'image/png', size: PNG.length },
    ]);
    expect(() => mask(new OpaqueGate(new Set(['audio']), false))).toThrow(OpaqueError);
  });
});

describe('what only looks like one', () => {
  const hidden = 'iVBORw0KGgo/Ann/Smith/078051120/'.padEnd(120, 'Q3k/x9');
  test.each([
    ['has words in the letters of base64', hidden],
    ['has words before its end', `${base64(PNG).slice(0, -40)}/Ann/Smith/${base64(PNG).slice(-40)}`],
    ['is short', 'Ann/Smith'],
    ['does not end as it should', base64(PNG.subarray(0, -1))],
    ['is no base64', '078-05-1120'],
  ])('%s: it is masked as the text that it is', (_what, run) => {
    const text = `See data:image/png;base64,${run} here.`;
    expect(masker.mask(text).text).toBe(real.mask(text).text);
  });

  test('stands behind one: it is masked as well', () => {
    const text = `See data:image/png;base64,${base64(PNG)}==${NAMED}`;
    expect(masker.mask(text).text).toBe(text.replace(NAMED, '[PERSON], SSN [US_SSN]'));
  });

  test('is a text that is encoded: it is masked, and encoded again', () => {
    const encode = (text: string) => `See data:text/plain;charset=utf-8;base64,${base64(text)} here.`;
    const long = 'Nothing that matters to anybody. '.repeat(4);
    const masked = masker.mask(encode(`${long}${NAMED}`));
    expect(masked).toEqual({
      text: encode(`${long}[PERSON], SSN [US_SSN]`),
      counts: { PERSON: 1, US_SSN: 1 },
    });
    expect(masker.mask(encode(long)).text).toBe(encode(long));
  });
});
