import type { FindingCounts, Masker } from '#core/phi/mask.ts';
import { createFacts, type ResponseFacts } from '../answer/facts.ts';
import type { Naming } from '../answer/naming.ts';
import { ResponseError } from '../answer/response-error.ts';
import { Texts } from '../answer/texts.ts';
import type { Route } from '../catalogue.ts';
import type { OpaqueGate } from '../content/gate.ts';
import { countLiterals } from '../json.ts';
import { isName } from '../structure.ts';
import { isAnswerWord } from '../words.ts';
import { ChatChunks } from './chat-chunks.ts';
import type { EventMasker } from './event-masker.ts';
import { ResponsesEvents } from './responses-events.ts';
import { formatEvent, KEEP_ALIVE, type SseEvent, SseReader } from './sse.ts';

/** Masks an event stream while it passes. The output does not depend on how the input is cut. */
export interface StreamMasker {
  /**
   * Takes the next bytes from the provider; the bytes that may go to the caller now, possibly none.
   *
   * @throws ResponseError when the stream cannot be read (an event that is not JSON, not UTF-8, over 16 MiB):
   *   nothing more may be sent of it. OpaqueError when it holds what policy does not let through: the same.
   */
  push(chunk: Uint8Array): Uint8Array;
  /** The provider's stream has ended. Text of which the end never came is not released. */
  end(): Uint8Array;
  readonly counts: FindingCounts;
  readonly facts: ResponseFacts;
  /** The terminal event has been seen: `[DONE]`, response.completed/failed/incomplete, an error. */
  readonly complete: boolean;
}

const DONE = '[DONE]';
const ENCODER = new TextEncoder();

/** What is known of a streamed answer beforehand. */
export interface StreamOptions {
  /**
   * The number of an event (`sequence_number`, as the caller counts): that one and all before it are masked, so that what follows comes
   * out as it did before, and not handed on.
   */
  readonly startingAfter?: number | undefined;
  /** Takes media that cannot be read. */
  readonly gate?: OpaqueGate | undefined;
  /** One choice was asked for: whatever index each chunk gives it, as some servers count their chunks there, it is that one. */
  readonly hasOneChoice?: boolean;
  /** Names that stay as they are where a tool is called, and what tells ids apart. */
  readonly naming?: Naming;
}

/** Creates the masker of one streamed answer of the route. */
export function createStreamMasker(route: Route, masker: Masker, options: StreamOptions = {}): StreamMasker {
  return new SseMasker(route, masker, options);
}

class SseMasker implements StreamMasker {
  readonly facts = createFacts();
  complete = false;
  readonly #reader = new SseReader();
  readonly #texts: Texts;
  readonly #events: EventMasker;
  readonly #startingAfter: number;
  /** Each picture of a stream has an event that ends it; the stream ends where the provider ends it. */
  readonly #severalEnds: boolean;
  #ended = false;

  constructor(
    route: Route,
    masker: Masker,
    { startingAfter = -1, gate, hasOneChoice = false, naming }: StreamOptions,
  ) {
    this.#texts = new Texts(masker, gate, true, naming);
    this.#severalEnds = route.answer === 'images';
    this.#events = createEventMasker(route, this.#texts, this.facts, hasOneChoice);
    this.#startingAfter = startingAfter;
  }

  get counts(): FindingCounts {
    return this.#texts.counts;
  }

  push(chunk: Uint8Array): Uint8Array {
    const output = new Output();
    for (const event of this.#reader.push(chunk)) this.#pass(event, output);
    return output.bytes();
  }

  end(): Uint8Array {
    const output = new Output();
    for (const event of this.#reader.end()) {
      // A last event without its blank line may have been cut off in its middle.
      if (event.data === DONE || isJson(event.data)) this.#pass(event, output);
    }
    if (this.#ended) this.complete = true;
    return output.bytes();
  }

  #pass(event: SseEvent, output: Output): void {
    if (event.data === undefined) {
      // A comment's text is not judged, so only its purpose is passed on.
      if (event.comment) output.text(KEEP_ALIVE);
    } else if (event.data === DONE) {
      this.#put(event, this.#events.finish(), output);
      this.#write(event, DONE, true, output);
      this.complete = true;
    } else if (event.data !== '') {
      // An empty `data:` is no event, and the SDKs fail on it.
      this.#mask(event, event.data, output);
    }
  }

  #mask(event: SseEvent, data: string, output: Output): void {
    const masked = this.#events.event(parse(data));
    this.#put(event, masked.before, output);
    if (masked.terminal) {
      this.#ended = true;
      this.complete = !this.#severalEnds;
    }
    if (masked.value === undefined || this.#isBefore(masked.value)) return;
    // The parser keeps one of two equal keys: text that only the bytes hold must not go out with them.
    const untouched = masked.untouched && countLiterals(data) === masked.strings;
    this.#write(event, untouched ? data : JSON.stringify(masked.value), untouched, output);
  }

  /** Writes events that are put before another one: named only where the provider names its events. */
  #put(event: SseEvent, added: readonly object[], output: Output): void {
    for (const value of added) {
      if (this.#isBefore(value)) continue;
      const name = event.name !== undefined && 'type' in value ? String(value.type) : undefined;
      output.text(formatEvent(name, JSON.stringify(value)));
    }
  }

  /** True for an event that the caller has had before. */
  #isBefore(event: unknown): boolean {
    if (typeof event !== 'object' || event === null || !('sequence_number' in event)) return false;
    return typeof event.sequence_number === 'number' && event.sequence_number <= this.#startingAfter;
  }

  /** Whether the name of an event is a word, and holds nothing that is masked. */
  #isPlain(name: string): boolean {
    if (!isName('type', name)) return false;
    return isAnswerWord('type', name) || this.#texts.mask('event.#name', 'type', name) === name;
  }

  #write(event: SseEvent, data: string, untouched: boolean, output: Output): void {
    const name = event.name !== undefined && this.#isPlain(event.name) ? event.name : undefined;
    if (untouched && event.plain && name === event.name) output.raw(event.raw);
    else output.text(formatEvent(name, data.replaceAll('\n', '\ndata: ')));
  }
}

function createEventMasker(
  route: Route,
  texts: Texts,
  facts: ResponseFacts,
  hasOneChoice: boolean,
): EventMasker {
  switch (route.answer) {
    case 'chat completion':
      return new ChatChunks('delta', texts, facts, hasOneChoice);
    case 'completion':
      // Of several prompts each has one.
      return new ChatChunks('text', texts, facts, false);
    default:
      return new ResponsesEvents(texts, facts);
  }
}

/** The bytes to send, put together at the end of a call. */
class Output {
  readonly #parts: Uint8Array[] = [];
  #length = 0;

  raw(bytes: Uint8Array): void {
    this.#parts.push(bytes);
    this.#length += bytes.length;
  }

  text(text: string): void {
    this.raw(ENCODER.encode(text));
  }

  bytes(): Uint8Array {
    const bytes = new Uint8Array(this.#length);
    let offset = 0;
    for (const part of this.#parts) {
      bytes.set(part, offset);
      offset += part.length;
    }
    return bytes;
  }
}

function parse(data: string): unknown {
  try {
    return JSON.parse(data);
  } catch {
    throw new ResponseError('An event of the stream is not JSON.');
  }
}

function isJson(data: string | undefined): boolean {
  try {
    return data !== undefined && JSON.parse(data) !== undefined;
  } catch {
    return false;
  }
}
