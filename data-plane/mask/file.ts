import { setImmediate as nextTurn } from 'node:timers/promises';
import type { FindingCounts, Masker } from '#core/phi/mask.ts';
import { createFacts, type ResponseFacts } from '#core/provider/openai/answer/facts.ts';
import { UNNAMED } from '#core/provider/openai/answer/naming.ts';
import { OpaqueGate } from '#core/provider/openai/content/gate.ts';
import { readMediaType } from '#core/provider/openai/content/kind.ts';
import { FileMasker } from '#core/provider/openai/content/mask.ts';
import { sniff } from '#core/provider/openai/content/sniff.ts';
import type { UpstreamAnswer } from '../upstream/call.ts';
import { closing } from './closing.ts';
import type { Ways } from './ways.ts';

/** An answer that is no message of the API but content, ready for the caller. */
export interface MaskedFile {
  readonly body: Uint8Array;
  readonly contentType: string;
  readonly counts: FindingCounts;
  readonly facts: ResponseFacts;
}

/**
 * Masks content by what its bytes are, whatever the provider declares: text, JSON in it as JSON; what cannot be read goes
 * through the gate. Text goes out as UTF-8, byte for byte where it is that already and nothing is
 * changed in it.
 */
export async function readFile(
  { mediaType }: Pick<UpstreamAnswer, 'mediaType'>,
  body: Uint8Array,
  { masker, gate, look, naming }: Omit<Ways, 'restorer'>,
): Promise<MaskedFile> {
  const declared = readMediaType(mediaType);
  const facts = createFacts();
  const { text, kind } = sniff(body);
  if (text === undefined) {
    closing(() => gate.pass('content', kind, declared, body));
    return { body, contentType: declared || 'application/octet-stream', counts: {}, facts };
  }
  if (look !== undefined) {
    await maskText(new FileMasker(look.scout), text);
    await look.answer();
  }
  const file = new FileMasker(masker, gate, naming);
  const masked = await maskText(file, text);
  const contentType = declared === 'application/json' ? declared : 'text/plain; charset=utf-8';
  const isUtf16 = body[0] === 0xff || body[0] === 0xfe;
  const bytes = masked === text && !isUtf16 ? body : Buffer.from(masked);
  return { body: bytes, contentType, counts: file.counts, facts };
}

/** A masked file as the caller gets it, with values in the place of tokens. What cannot be read has none. */
export function restoreFile(file: MaskedFile, restorer: Masker): Promise<MaskedFile> {
  const gate = new OpaqueGate(undefined, false);
  const ways = { masker: restorer, gate, look: undefined, naming: UNNAMED };
  return readFile({ mediaType: file.contentType }, file.body, ways);
}

/** UTF-16 units that are masked at a stretch: a large file must not keep everybody else's stream waiting. */
const TURN_CHARS = 256 * 1024;

async function maskText(file: FileMasker, text: string): Promise<string> {
  const pieces = file.mask(text);
  const masked: string[] = [];
  let stretch = 0;
  for (;;) {
    const piece = closing(() => pieces.next());
    if (piece.done) return masked.join('');
    masked.push(piece.value);
    stretch += piece.value.length;
    if (stretch < TURN_CHARS) continue;
    stretch = 0;
    await nextTurn();
  }
}
