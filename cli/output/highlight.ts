import { createDetector } from '#core/phi/detect.ts';
import { createMasker, type Masker, OffsetMap } from '#core/phi/mask.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { isJsonText } from '#core/provider/openai/structure.ts';

const REVERSE = '\u001b[7m';
const RESET = '\u001b[27m';

let masker: Masker | undefined;

/**
 * The text with what looks like PHI in reverse video, for a terminal. Looked for here, by the rules of the catalogue: what
 * policies define themselves is counted in the approval's findings and not shown. The text must be sanitised.
 */
export function highlightFindings(text: string): string {
  masker ??= createMasker(createDetector(), MASK_ALL);
  const spans = new Spans();
  // As inspection reads it, and the masker of answers.
  if (isJsonText('', text)) masker.maskJson(text, spans);
  else masker.mask(text, spans);
  let shown = '';
  let from = 0;
  for (const [start, end] of spans.found) {
    // Each line by itself: a pager may begin anywhere.
    const marked = text.slice(start, end).replace(/[^\n]+/g, (part) => `${REVERSE}${part}${RESET}`);
    shown += text.slice(from, start) + marked;
    from = end;
  }
  return shown + text.slice(from);
}

/** Where something was found. */
class Spans extends OffsetMap {
  readonly found: (readonly [start: number, end: number])[] = [];

  override add(start: number, end: number): void {
    this.found.push([start, end]);
  }
}
