import { addUsage, noteAnswer, type ResponseFacts } from '../answer/facts.ts';
import { learnNames } from '../answer/naming.ts';
import { Rewrite } from '../answer/rewrite.ts';
import type { Texts } from '../answer/texts.ts';
import { buildDelta, type Path, readDelta } from '../stream/deltas.ts';
import type { EventMasker, MaskedEvent } from '../stream/event-masker.ts';
import { keyOfDelta, maskBare, pushLeaves, pushSegment, requireSameIndexes } from '../stream/mask-event.ts';
import {
  itemPlace,
  memberPlace,
  partPlace,
  type RealtimePlace,
  readRealtimeType,
} from './realtime-places.ts';

type Json = Record<string, unknown>;

/** The event with which a response ends, however it ends. */
const TERMINAL = 'response.done';
/** Last words of the types of events that end a text. */
const ENDS = new Set(['done', 'completed', 'failed']);
/** And of those that have texts whole, such as the instructions of a session: in any other a text may be all that is said so far. */
const WHOLE = new Set([...ENDS, 'added', 'created', 'updated', 'retrieved']);
const ERROR = 'error';
/** Members in which such an event repeats the text whole. */
const REPEATS = new Set(['text', 'transcript', 'arguments']);

/** How to say more of a text: the last delta event of it, and where in its delta the text stands. */
interface Template {
  readonly event: Json;
  readonly path: Path;
  /** The member that holds it. */
  readonly member: 'delta' | 'text';
}

/**
 * The events of a Realtime session, known and unknown: every string is masked, what a `.delta` event holds continues the
 * text of its item, and held text goes out in one more delta event before the event that ends the text. Texts of several
 * items may be under way: the model's, and the transcript of what is spoken to it.
 */
export class RealtimeEvents implements EventMasker {
  readonly #texts: Texts;
  readonly #facts: ResponseFacts;
  readonly #templates = new Map<string, Template>();
  /** What the events of a text that is under way have beside its place. */
  readonly #unread = new Map<string, string>();

  constructor(texts: Texts, facts: ResponseFacts) {
    this.#texts = texts;
    this.#facts = facts;
  }

  event(came: unknown): MaskedEvent {
    const rewrite = new Rewrite(this.#texts);
    if (!isObject(came)) return maskBare(came, 'event', rewrite);
    learnNames(this.#texts.naming, came['session']);
    const value = rewrite.keys(came, 'event');
    const at = readRealtimeType(value);
    const before = this.#endTexts(at, value);
    this.#texts.isFinal = WHOLE.has(at.phase) || at.type === ERROR;
    let held = false;
    for (const key of Object.keys(value)) {
      if (rewrite.removes(value, key)) continue;
      if (key === 'delta' && at.phase === 'delta') held = this.#delta(at, value, rewrite);
      else this.#member(at, key, value, rewrite);
    }
    const terminal = at.type === TERMINAL;
    const response = value['response'];
    if (terminal && isObject(response)) noteAnswer(this.#facts, { ...response, usage: undefined });
    // Beside that of a response there is that of transcripts, which another model makes.
    addUsage(this.#facts, terminal && isObject(response) ? response['usage'] : value['usage']);
    return {
      before,
      value: held ? undefined : value,
      untouched: !rewrite.changed,
      strings: rewrite.strings,
      terminal,
    };
  }

  /** A session has no end of which text that is held back could be part. */
  finish(): readonly object[] {
    return [];
  }

  #member(at: RealtimePlace, key: string, event: Json, rewrite: Rewrite): void {
    const value = event[key];
    if (key === 'text' && at.phase === 'segment') {
      // Beside the deltas of the same transcript, which may come too.
      const place = `${at.place}.segments`;
      this.#templates.set(place, { event, path: [], member: 'text' });
      pushSegment(event, place, this.#texts, rewrite);
      return;
    }
    if (key === 'response' && isObject(value)) {
      this.#response(event, value, rewrite);
      return;
    }
    const repeats = ENDS.has(at.phase) && REPEATS.has(key);
    const masked = repeats
      ? rewrite.value(value, at.key, at.place)
      : rewrite.value(value, key, memberPlace(at.type, key, event));
    if (masked !== value) event[key] = masked;
  }

  /** The items of a response stand in the places that they had before. */
  #response(event: Json, came: Json, rewrite: Rewrite): void {
    const response = rewrite.keys(came, 'response');
    event['response'] = response;
    for (const key of Object.keys(response)) {
      if (rewrite.removes(response, key)) continue;
      const value = response[key];
      if (key === 'output' && Array.isArray(value)) {
        response[key] = value.map((item, index) => rewrite.value(item, key, itemPlace(item, index)));
        continue;
      }
      const masked = rewrite.value(value, key, `response.${key}`);
      if (masked !== value) response[key] = masked;
    }
  }

  /** Masks a delta; true when nothing of it may go out yet. */
  #delta(at: RealtimePlace, event: Json, rewrite: Rewrite): boolean {
    requireSameIndexes(this.#unread, at);
    const key = keyOfDelta(at, event['delta'], this.#texts);
    const delta = readDelta(event, 'delta', key, at.place, rewrite);
    const { came, sent } = pushLeaves(delta.leaves, this.#texts, rewrite, (leaf) => {
      this.#templates.set(leaf.place, { event, path: leaf.path, member: 'delta' });
    });
    return came && !sent && !delta.substance;
  }

  /** Ends the texts that this event repeats whole; the events that say what was held back of them. */
  #endTexts(at: RealtimePlace, event: Json): Json[] {
    if (at.type === TERMINAL) return this.#endResponse(event['response']);
    if (!ENDS.has(at.phase)) return [];
    if ('item' in event) return this.#release(itemPlace(event['item']));
    if ('part' in event) return this.#release(partPlace(event));
    return this.#release(at.place);
  }

  /** All texts of a response, those too that were broken off. */
  #endResponse(response: unknown): Json[] {
    const id = isObject(response) ? response['id'] : undefined;
    return [...this.#templates].flatMap(([place, { event }]) =>
      id === undefined || event['response_id'] === id ? this.#release(place) : [],
    );
  }

  #release(place: string): Json[] {
    this.#unread.delete(place);
    return this.#texts.end(place).flatMap((tail) => {
      const template = this.#templates.get(tail.place);
      this.#templates.delete(tail.place);
      return template === undefined
        ? []
        : [{ ...template.event, [template.member]: buildDelta(template.path, tail.text) }];
    });
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
