import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { OPAQUE_KINDS } from '#core/provider/openai/content/kind.ts';
import { unreadable } from '#core/provider/openai/content/opaque.ts';
import { sniff } from '#core/provider/openai/content/sniff.ts';

const utf16 = (text: string) => Buffer.from(`\ufeff${text}`, 'utf16le');
const latin1 = (text: string) => Buffer.from(text, 'latin1');

test.each([
  ['plain', Buffer.from('Note: ü, 漢字\r\n\tline\f'), 'Note: ü, 漢字\r\n\tline\f'],
  ['with the mark of UTF-8', Buffer.from('\ufeffid,name\n'), 'id,name\n'],
  ['UTF-16, little end first', utf16('SSN 078-05-1120'), 'SSN 078-05-1120'],
  ['UTF-16, big end first', utf16('SSN 078-05-1120').swap16(), 'SSN 078-05-1120'],
  ['nothing', Buffer.from(''), ''],
  ['a picture of text', Buffer.from('<svg><text>hello</text></svg>'), '<svg><text>hello</text></svg>'],
  ['a long word', Buffer.from(`${'a'.repeat(70)} and another`), `${'a'.repeat(70)} and another`],
])('text: %s', (_what, bytes, text) => {
  expect(sniff(bytes)).toEqual({ text });
});

test.each([
  ['image', latin1('\x89PNG\r\n\x1a\n\0\0')],
  ['image', latin1('\xff\xd8\xff\xe0\0\x10JFIF')],
  ['image', latin1('GIF89a\x01\0')],
  ['image', latin1('RIFF\x10\0\0\0WEBPVP8 ')],
  ['image', latin1('\0\0\0\x18ftypheic\0\0')],
  ['audio', latin1('RIFF\x10\0\0\0WAVEfmt ')],
  ['audio', latin1('ID3\x04\0\0')],
  ['audio', latin1('\xff\xfb\x90\0')],
  ['audio', latin1('OggS\0\x02\x80opus')],
  ['audio', latin1('fLaC\0\0')],
  ['audio', latin1('\0\0\0\x18ftypM4A \0\0moovhdlrsoun')],
  ['audio', latin1('\x1aE\xdf\xa3\x01webm\x86\x86A_OPUS\0')],
  ['video', latin1('\0\0\0\x18ftypisom\0\0moovhdlr\0\0vide')],
  ['video', latin1('\x1aE\xdf\xa3\x01webm\x86\x86V_VP9\0')],
  ['video', latin1('RIFF\x10\0\0\0AVI LIST')],
  ['pdf', latin1('%PDF-1.7\n%\xe2\xe3')],
  ['pdf', Buffer.from('%PDF-1.4\n% all of it letters')],
  ['pdf', Buffer.from(`${'a comment\n'.repeat(50)}%PDF-1.4`)],
  ['other', latin1('PK\x03\x04\x14\0')],
  ['other', Buffer.from('SSN 078-05-1120\0')],
  ['other', Buffer.from('\x1b[8mhidden')],
  ['other', Buffer.from('next\u0085line')],
  ['other', latin1('caf\xe9,1\n')],
  ['other', Buffer.from('SSN 078-05-1120', 'utf16le')],
  ['other', Buffer.from('\ufeff\0\0S\0\0\0', 'utf16le')],
  ['other', Buffer.from('{\\rtf1 hello}')],
  ['other', Buffer.from('%!PS-Adobe-3.0')],
  ['other', Buffer.from('begin 644 a.txt\n#0V%T\nend\n')],
  [
    'other',
    Buffer.from(`${Buffer.alloc(200, 'SSN 078-05-1120 ').toString('base64').replaceAll(/.{76}/g, '$&\n')}\n`),
  ],
])('%s, %#', (kind, bytes) => {
  expect(sniff(bytes)).toEqual({ kind });
});

test('a long text is told in time that grows as it does', () => {
  const hostile = Buffer.from(`${'A'.repeat(4_000_000)}!`);
  expect(sniff(hostile).text).toHaveLength(4_000_001);
});

test('the words that stand for content are no finding, whatever its size', () => {
  const detector = createDetector();
  for (const kind of OPAQUE_KINDS) {
    for (let size = 1; size < 2 ** 27; size = Math.ceil(size * 1.31)) {
      expect(detector.scan(unreadable({ kind, size }))).toEqual([]);
    }
  }
});
