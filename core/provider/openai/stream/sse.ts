import { ResponseError } from '../answer/response-error.ts';

/** Larger events are refused. */
export const MAX_EVENT_BYTES = 16 * 1024 * 1024;

/** One block of an event stream, ended by its blank line. */
export interface SseEvent {
  /** The block as it came, blank line included. Valid until the reader's next call. */
  readonly raw: Uint8Array;
  /** The last `event:` field, if any. */
  readonly name: string | undefined;
  /** The `data:` lines joined by a line feed; undefined when there is none: such a block is no event. */
  readonly data: string | undefined;
  /** The block has a comment. */
  readonly comment: boolean;
  /** Only `event` and `data` fields, so `raw` holds nothing beyond `name` and `data`. */
  readonly plain: boolean;
}

const LF = 0x0a;
const CR = 0x0d;
const COLON = 0x3a;
const SPACE = 0x20;
const BOM = [0xef, 0xbb, 0xbf];
const EMPTY = new Uint8Array(0);
const NEVER = Number.POSITIVE_INFINITY;

/**
 * An incremental reader of `text/event-stream`, on bytes, for any chunking, with line ends LF, CRLF and CR.
 * https://html.spec.whatwg.org/multipage/server-sent-events.html#event-stream-interpretation
 *
 * Unlike a browser it hands out blocks without data too (the caller drops them), and at the end a last
 * event whose blank line is missing, as both OpenAI SDKs may rely on.
 */
export class SseReader {
  #buffer: Uint8Array = EMPTY;
  /** The buffer is ours, not a chunk of the caller's: it may be written to. */
  #owned = false;
  /** The start of the current block and line, how far line ends were looked for, the end of what has come. */
  #block = 0;
  #line = 0;
  #scanned = 0;
  #end = 0;
  #started = false;
  /** The next CR after `#scanned`, looked up once a chunk: most streams have none. */
  #nextCr = -1;

  #name: string | undefined;
  #data: string | undefined;
  #comment = false;
  #plain = true;
  #empty = true;

  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  /**
   * Reads on; yields the blocks that are now complete.
   *
   * @throws ResponseError for a block over MAX_EVENT_BYTES or bytes that are not UTF-8.
   */
  *push(chunk: Uint8Array): Generator<SseEvent> {
    this.#append(chunk);
    yield* this.#read(false);
    if (this.#end - this.#block > MAX_EVENT_BYTES)
      throw new ResponseError('An event of the stream is too large.');
  }

  /** The stream has ended; yields the last block if its blank line is missing. */
  *end(): Generator<SseEvent> {
    yield* this.#read(true);
    if (this.#line < this.#end) this.#field(this.#line, this.#end);
    // Its raw form lacks the blank line, without which Python's SDK drops the event.
    this.#plain = false;
    if (!this.#empty) yield this.#take(this.#end);
    this.#buffer = EMPTY;
    this.#block = this.#line = this.#scanned = this.#end = 0;
  }

  *#read(ended: boolean): Generator<SseEvent> {
    if (!this.#started && !this.#skipBom(ended)) return;
    for (;;) {
      const lineEnd = this.#findLineEnd();
      if (lineEnd === NEVER) return;
      let next = lineEnd + 1;
      if (this.#buffer[lineEnd] === CR) {
        // The LF of a CRLF may still be on its way.
        if (next === this.#end && !ended) return;
        if (this.#buffer[next] === LF && next < this.#end) next++;
      }
      const blank = lineEnd === this.#line;
      if (!blank) this.#field(this.#line, lineEnd);
      this.#line = this.#scanned = next;
      if (!blank) continue;
      if (this.#empty) this.#block = next;
      else yield this.#take(next);
    }
  }

  #append(chunk: Uint8Array): void {
    const rest = this.#end - this.#block;
    if (rest === 0) {
      this.#buffer = chunk;
      this.#owned = false;
      this.#block = this.#line = this.#scanned = 0;
      this.#end = chunk.length;
    } else {
      const needed = rest + chunk.length;
      if (!this.#owned || this.#buffer.length < this.#end + chunk.length) {
        // Doubling keeps a large event in small chunks linear.
        const grown =
          this.#owned && needed <= this.#buffer.length ? this.#buffer : new Uint8Array(2 * needed);
        if (grown === this.#buffer) grown.copyWithin(0, this.#block, this.#end);
        else grown.set(this.#buffer.subarray(this.#block, this.#end));
        this.#buffer = grown;
        this.#owned = true;
        this.#line -= this.#block;
        this.#scanned -= this.#block;
        this.#end = rest;
        this.#block = 0;
      }
      this.#buffer.set(chunk, this.#end);
      this.#end += chunk.length;
    }
    this.#nextCr = -1;
  }

  #skipBom(ended: boolean): boolean {
    let matched = 0;
    while (matched < BOM.length && matched < this.#end && this.#buffer[matched] === BOM[matched]) matched++;
    if (matched < BOM.length && matched === this.#end && !ended) return false;
    if (matched === BOM.length) this.#block = this.#line = this.#scanned = matched;
    this.#started = true;
    return true;
  }

  /** The offset of the LF or CR that ends the current line; NEVER when it has not come yet. */
  #findLineEnd(): number {
    if (this.#nextCr < this.#scanned) {
      const cr = this.#buffer.subarray(0, this.#end).indexOf(CR, this.#scanned);
      this.#nextCr = cr === -1 ? NEVER : cr;
    }
    const limit = Math.min(this.#nextCr, this.#end);
    const lf = this.#buffer.subarray(0, limit).indexOf(LF, this.#scanned);
    if (lf !== -1) return lf;
    this.#scanned = limit;
    return this.#nextCr;
  }

  #field(start: number, end: number): void {
    const bytes = this.#buffer;
    this.#empty = false;
    const colon = bytes.subarray(start, end).indexOf(COLON);
    if (colon === 0) {
      this.#comment = true;
      this.#plain = false;
      return;
    }
    const nameEnd = colon === -1 ? end : start + colon;
    let value = colon === -1 ? end : nameEnd + 1;
    if (value < end && bytes[value] === SPACE) value++;
    const name = this.#decode(start, nameEnd);
    if (name === 'data') {
      const text = this.#decode(value, end);
      this.#data = this.#data === undefined ? text : `${this.#data}\n${text}`;
    } else if (name === 'event') {
      // A second name would make raw hold more than the one that counts.
      if (this.#name !== undefined) this.#plain = false;
      this.#name = this.#decode(value, end);
    } else {
      this.#plain = false;
    }
  }

  #decode(start: number, end: number): string {
    try {
      return this.#decoder.decode(this.#buffer.subarray(start, end));
    } catch (cause) {
      throw new ResponseError('The stream is not valid UTF-8.', { cause });
    }
  }

  #take(end: number): SseEvent {
    if (end - this.#block > MAX_EVENT_BYTES) throw new ResponseError('An event of the stream is too large.');
    const event: SseEvent = {
      raw: this.#buffer.subarray(this.#block, end),
      name: this.#name,
      data: this.#data,
      comment: this.#comment,
      plain: this.#plain,
    };
    this.#block = end;
    this.#name = this.#data = undefined;
    this.#comment = false;
    this.#plain = true;
    this.#empty = true;
    return event;
  }
}

/** An event on the wire. `data` is JSON or another text without line breaks. */
export function formatEvent(name: string | undefined, data: string): string {
  return name === undefined ? `data: ${data}\n\n` : `event: ${name}\ndata: ${data}\n\n`;
}

/** A comment, the only thing that keeps a connection alive and that every SDK tolerates. */
export const KEEP_ALIVE = ': keep-alive\n\n';
