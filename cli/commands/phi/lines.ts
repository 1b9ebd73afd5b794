import { isUtf8 } from 'node:buffer';
import { inputFailure } from './failure.ts';

/** Of one line: room for a thick chart, and a bound on what one line can make the program hold. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

const LINE_FEED = 0x0a;
const BYTE_ORDER_MARK = '\ufeff';

/**
 * The lines of a UTF-8 stream without their line feeds: all that one read completed at a time, so that nobody awaits
 * each. A last line without a line feed counts. Throws a CommandFailure that has the number of the line that is too
 * long or no UTF-8; all lines before it have come by then.
 */
export async function* readLines(source: AsyncIterable<Buffer>): AsyncGenerator<readonly string[]> {
  let begun: Buffer[] = [];
  let begunBytes = 0;
  let count = 0;
  for await (const chunk of source) {
    const first = chunk.indexOf(LINE_FEED);
    const lineBytes = begunBytes + (first < 0 ? chunk.length : first);
    if (lineBytes > MAX_LINE_BYTES) {
      throw inputFailure(
        `line ${count + 1}: longer than ${MAX_LINE_BYTES} bytes`,
        'split the text over several lines, each with an id of its own',
      );
    }
    if (first < 0) {
      begun.push(chunk);
      begunBytes = lineBytes;
      continue;
    }
    const last = chunk.lastIndexOf(LINE_FEED);
    const block = Buffer.concat([...begun, chunk.subarray(0, last)]);
    begun = [chunk.subarray(last + 1)];
    begunBytes = chunk.length - last - 1;
    for (const lines of decode(block, count)) {
      count += lines.length;
      yield lines;
    }
  }
  if (begunBytes > 0) yield* decode(Buffer.concat(begun), count);
}

/** The lines of a block, and then the fault in it where there is one. */
function* decode(block: Buffer, count: number): Generator<readonly string[]> {
  if (isUtf8(block)) {
    yield split(block, count);
    return;
  }
  let start = 0;
  let end = lineEnd(block, start);
  let number = count + 1;
  while (isUtf8(block.subarray(start, end))) {
    start = end + 1;
    end = lineEnd(block, start);
    number += 1;
  }
  if (start > 0) yield split(block.subarray(0, start - 1), count);
  throw inputFailure(`line ${number}: not UTF-8`, 'convert the input first, for example with iconv -t UTF-8');
}

function split(block: Buffer, count: number): string[] {
  const text = block.toString('utf8');
  // RFC 8259, section 8.1: whoever reads JSON may pass over a byte order mark.
  return (count === 0 && text.startsWith(BYTE_ORDER_MARK) ? text.slice(1) : text).split('\n');
}

function lineEnd(block: Buffer, start: number): number {
  const end = block.indexOf(LINE_FEED, start);
  return end < 0 ? block.length : end;
}
