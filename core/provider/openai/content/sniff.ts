import { Buffer } from 'node:buffer';
import type { OpaqueKind } from './kind.ts';

/** What bytes are: a text, or content that cannot be read. */
export type Sniffed =
  | { readonly text: string; readonly kind?: never }
  | { readonly text?: never; readonly kind: OpaqueKind };

/** Readers of PDF look for its mark so far into a file: ISO 32000-1, annex H, note 13. */
const PDF_MARK_BYTES = 1024;
/** Formats that are letters and say something else than those: their readers decode them. */
const ENCODED_TEXT = /^\s*(?:%!PS|\{\\rtf|begin [0-7]{3} )/;
/** Nothing but base64, in lines or not: what is in it is not what a reader sees. */
const BASE64_START = /^[A-Za-z0-9+/_-]{60}/;
const NO_BASE64 = /[^A-Za-z0-9+/_=\r\n-]/;
/** Text has tabs, line ends and form feeds, and no other control characters (C0, DEL, C1), nor non-characters. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for.
const NO_TEXT = /[\u0000-\u0008\u000b\u000e-\u001f\u007f-\u009f\ufffe\uffff]/;

/**
 * Tells text from what cannot be read, by the bytes alone: a declared type and a file name are the caller's words.
 *
 * Text is strict UTF-8, or UTF-16 with its byte order mark, without control characters. Everything else is opaque, and so are
 * PDF, RTF, PostScript, uuencode and base64, though they may be made of letters.
 */
export function sniff(bytes: Uint8Array): Sniffed {
  const data = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (data.subarray(0, PDF_MARK_BYTES).includes('%PDF-')) return { kind: 'pdf' };
  const text = decodeText(data);
  if (text === undefined) return { kind: kindOf(data) };
  const isBase64 = BASE64_START.test(text) && !NO_BASE64.test(text);
  return ENCODED_TEXT.test(text) || isBase64 ? { kind: 'other' } : { text };
}

function decodeText(data: Buffer): string | undefined {
  try {
    const text = new TextDecoder(encodingOf(data), { fatal: true }).decode(data);
    return NO_TEXT.test(text) ? undefined : text;
  } catch {
    return undefined;
  }
}

function encodingOf(data: Buffer): string {
  if (data[0] === 0xff && data[1] === 0xfe) return 'utf-16le';
  return data[0] === 0xfe && data[1] === 0xff ? 'utf-16be' : 'utf-8';
}

const PREFIXES: readonly (readonly [prefix: string, kind: OpaqueKind])[] = [
  ['\x89PNG', 'image'],
  ['\xff\xd8\xff', 'image'],
  ['GIF8', 'image'],
  ['BM', 'image'],
  ['II*\0', 'image'],
  ['MM\0*', 'image'],
  ['fLaC', 'audio'],
  ['ID3', 'audio'],
  ['#!AMR', 'audio'],
];

/** By the marks that formats begin with, as https://mimesniff.spec.whatwg.org/#matching-a-mime-type-pattern has them, and by tracks. */
function kindOf(data: Buffer): OpaqueKind {
  const head = data.toString('latin1', 0, 12);
  for (const [prefix, kind] of PREFIXES) if (head.startsWith(prefix)) return kind;
  if (head.startsWith('RIFF')) return riffKind(head.slice(8));
  if (head.slice(4, 8) === 'ftyp') return mp4Kind(data, head.slice(8));
  if (head.startsWith('OggS')) return data.includes('\x80theora', 0, 'latin1') ? 'video' : 'audio';
  if (head.startsWith('\x1aE\xdf\xa3'))
    return /V_(?:VP|AV|MPEG)/.test(data.toString('latin1', 0, 65_536)) ? 'video' : 'audio';
  return isMpegFrame(data[0] ?? 0, data[1] ?? 0) ? 'audio' : 'other';
}

/** Eleven bits that begin a frame of MPEG audio, of layer II or III; or twelve, of AAC. Layer I would be UTF-16's mark. */
function isMpegFrame(first: number, second: number): boolean {
  const layer = (second >> 1) & 3;
  if (first !== 0xff || (second & 0xe0) !== 0xe0) return false;
  return layer === 1 || layer === 2 || (layer === 0 && (second & 0xf0) === 0xf0);
}

function riffKind(form: string): OpaqueKind {
  if (form === 'WAVE') return 'audio';
  if (form === 'WEBP') return 'image';
  return form === 'AVI ' ? 'video' : 'other';
}

function mp4Kind(data: Buffer, brand: string): OpaqueKind {
  if (/^(?:hei|mif|msf|avi)/.test(brand)) return 'image';
  return data.includes('vide') ? 'video' : 'audio';
}
