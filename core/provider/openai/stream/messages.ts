import type { FindingCounts, Masker } from '#core/phi/mask.ts';
import { createFacts, type ResponseFacts } from '../answer/facts.ts';
import type { Naming } from '../answer/naming.ts';
import { ResponseError } from '../answer/response-error.ts';
import { Texts } from '../answer/texts.ts';
import type { OpaqueGate } from '../content/gate.ts';
import { countLiterals, JsonError, parseJson } from '../json.ts';
import { RealtimeEvents } from '../realtime/realtime-events.ts';
import type { EventMasker } from './event-masker.ts';
import { ResponsesEvents } from './responses-events.ts';

/** Masks the events of a provider that come as messages of a WebSocket, one by one. */
export interface MessageMasker {
  /**
   * Takes the next message; those that may go to the caller now, possibly none.
   *
   * @throws ResponseError when the message is not JSON, or exceeds the limits of parseJson: nothing may be sent of it.
   */
  push(message: string): string[];
  /** The type of what was pushed last; empty before, and of what is no event. */
  readonly type: string;
  readonly counts: FindingCounts;
  readonly facts: ResponseFacts;
  /** What was pushed last ends the response: completed, failed, incomplete, done, an error. */
  readonly complete: boolean;
  /** No text is held back, so that another masker may go on from here. */
  readonly quiet: boolean;
  /** From now on what cannot be read goes through this gate. */
  use(gate: OpaqueGate): void;
}

/** For the events of one response, by the API that they are of; `naming` as StreamOptions have it. */
export function createMessageMasker(
  api: 'responses' | 'realtime',
  masker: Masker,
  gate?: OpaqueGate,
  naming?: Naming,
): MessageMasker {
  return new Messages(api, masker, gate, naming);
}

class Messages implements MessageMasker {
  readonly facts = createFacts();
  complete = false;
  type = '';
  readonly #texts: Texts;
  readonly #events: EventMasker;

  constructor(
    api: 'responses' | 'realtime',
    masker: Masker,
    gate: OpaqueGate | undefined,
    naming: Naming | undefined,
  ) {
    this.#texts = new Texts(masker, gate, true, naming);
    this.#events =
      api === 'responses'
        ? new ResponsesEvents(this.#texts, this.facts)
        : new RealtimeEvents(this.#texts, this.facts);
  }

  get counts(): FindingCounts {
    return this.#texts.counts;
  }

  get quiet(): boolean {
    return !this.#texts.holds;
  }

  use(gate: OpaqueGate): void {
    this.#texts.use(gate);
  }

  push(message: string): string[] {
    const event = parse(message);
    this.type = typeOf(event);
    const masked = this.#events.event(event);
    this.complete = masked.terminal;
    const out = masked.before.map((event) => JSON.stringify(event));
    if (masked.value === undefined) return out;
    // The parser keeps one of two equal keys: text that only the message holds must not go out with it.
    const untouched = masked.untouched && countLiterals(message) === masked.strings;
    out.push(untouched ? message : JSON.stringify(masked.value));
    return out;
  }
}

function typeOf(event: unknown): string {
  if (typeof event !== 'object' || event === null || !('type' in event)) return '';
  return typeof event.type === 'string' ? event.type : '';
}

function parse(message: string): unknown {
  try {
    return parseJson(message);
  } catch (cause) {
    if (cause instanceof JsonError)
      throw new ResponseError(`A message is not accepted: ${cause.fault}.`, { cause });
    throw cause;
  }
}
