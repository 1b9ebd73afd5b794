import { createDetector, type Detector } from '#core/phi/detect.ts';

const REVERSE = '\u001b[7m';
const RESET = '\u001b[27m';

let detector: Detector | undefined;

/**
 * The text with what looks like PHI in reverse video, for a terminal. Looked for here, by the rules of the catalogue: what
 * policies define themselves is counted in the approval's findings and not shown. The text must be sanitised.
 */
export function highlightFindings(text: string): string {
  detector ??= createDetector();
  let shown = '';
  let from = 0;
  for (const { start, end } of detector.scan(text)) {
    // Each line by itself: a pager may begin anywhere.
    const marked = text.slice(start, end).replace(/[^\n]+/g, (part) => `${REVERSE}${part}${RESET}`);
    shown += text.slice(from, start) + marked;
    from = end;
  }
  return shown + text.slice(from);
}
