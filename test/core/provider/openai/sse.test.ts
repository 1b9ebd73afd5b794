import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ResponseError } from '#core/provider/openai/answer/response-error.ts';
import { formatEvent, MAX_EVENT_BYTES, type SseEvent, SseReader } from '#core/provider/openai/stream/sse.ts';
import { cut } from './cut.ts';

const encode = (text: string) => new TextEncoder().encode(text);

/** Reads a whole stream in the given pieces; raw is copied, since it is only valid for a moment. */
function readAll(chunks: readonly Uint8Array[]): (Omit<SseEvent, 'raw'> & { raw: string })[] {
  const reader = new SseReader();
  const copy = (event: SseEvent) => ({
    ...event,
    raw: new TextDecoder('utf-8', { ignoreBOM: true }).decode(event.raw),
  });
  const events = chunks.flatMap((chunk) => [...reader.push(chunk)].map(copy));
  return [...events, ...[...reader.end()].map(copy)];
}

const read = (text: string) => readAll([encode(text)]);

describe('SseReader', () => {
  it('reads named and unnamed events and keeps their bytes', () => {
    expect(read('event: a\ndata: {"x":1}\n\ndata: 2\n\n')).toEqual([
      { raw: 'event: a\ndata: {"x":1}\n\n', name: 'a', data: '{"x":1}', comment: false, plain: true },
      { raw: 'data: 2\n\n', name: undefined, data: '2', comment: false, plain: true },
    ]);
  });

  it.each(['\n', '\r\n', '\r'])('reads line ends %j', (eol) => {
    const events = read(`event: a${eol}data: 1${eol}data: 2${eol}${eol}data: 3${eol}${eol}`);
    expect(events.map(({ name, data }) => [name, data])).toEqual([
      ['a', '1\n2'],
      [undefined, '3'],
    ]);
  });

  it('skips a byte order mark at the start only', () => {
    const events = read('\uFEFFdata: 1\n\n\uFEFFdata: 2\n\n');
    expect(events.map(({ data, raw }) => [data, raw])).toEqual([
      ['1', 'data: 1\n\n'],
      [undefined, '\uFEFFdata: 2\n\n'],
    ]);
  });

  it('takes off one space after the colon, and reads fields without one', () => {
    expect(read('data:  1\ndata:2\ndata\n\n')[0]?.data).toBe(' 1\n2\n');
  });

  it('marks what raw holds beyond name and data', () => {
    const plain = (text: string) => read(text)[0]?.plain;
    expect(plain('data: 1\n\n')).toBe(true);
    expect(plain(': c\ndata: 1\n\n')).toBe(false);
    expect(plain('id: 7\ndata: 1\n\n')).toBe(false);
    expect(plain('retry: 7\ndata: 1\n\n')).toBe(false);
    expect(plain('other: x\ndata: 1\n\n')).toBe(false);
    expect(plain('event: x\nevent: y\ndata: 1\n\n')).toBe(false);
  });

  it('hands out blocks without data, and comments as such', () => {
    expect(read(': hi\n\nevent: x\n\n').map(({ data, comment }) => [data, comment])).toEqual([
      [undefined, true],
      [undefined, false],
    ]);
  });

  it('hands out a last event without its blank line, as one to be written anew', () => {
    expect(read('data: 1\n\ndata: 2')).toMatchObject([{ data: '1' }, { data: '2', plain: false }]);
    expect(read('data: 2\n')).toMatchObject([{ data: '2', plain: false }]);
  });

  it('gives an event as soon as its last byte is there', () => {
    const reader = new SseReader();
    expect([...reader.push(encode('data: 1\n'))]).toEqual([]);
    expect([...reader.push(encode('\n'))]).toMatchObject([{ data: '1' }]);
  });

  it('refuses bytes that are not UTF-8, and events over the limit', () => {
    expect(() => [...new SseReader().push(new Uint8Array([...encode('data: '), 0xff, 0x0a]))]).toThrow(
      ResponseError,
    );
    const reader = new SseReader();
    const chunk = new Uint8Array(MAX_EVENT_BYTES / 4).fill(0x61);
    expect(() => {
      for (let round = 0; round < 5; round++) for (const _ of reader.push(chunk));
    }).toThrow(ResponseError);
  });

  it('reads the same events however the bytes are cut', () => {
    const line = fc.constantFrom(
      'data: {"a":"ü𝄞"}',
      'data: x',
      'event: e',
      ': c',
      'id: 1',
      'data',
      '',
      '\uFEFFdata: y',
    );
    const stream = fc
      .array(fc.tuple(line, fc.constantFrom('\n', '\r\n', '\r')), { maxLength: 20 })
      .map((lines) => encode(lines.flat().join('')));
    fc.assert(
      fc.property(stream, fc.array(fc.nat(9)), (bytes, sizes) => {
        expect(readAll(cut(bytes, sizes))).toEqual(readAll([bytes]));
      }),
      { numRuns: 500 },
    );
  });
});

describe('formatEvent', () => {
  it('writes what the reader reads', () => {
    expect(read(formatEvent('a', '{}') + formatEvent(undefined, '[]'))).toMatchObject([
      { name: 'a', data: '{}' },
      { name: undefined, data: '[]' },
    ]);
  });
});
