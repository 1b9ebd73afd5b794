import { lastOffset, moveAnnotations } from '../answer/annotations.ts';
import { addUsage, noteAnswer, noteItem, type ResponseFacts } from '../answer/facts.ts';
import { learnNames } from '../answer/naming.ts';
import { Rewrite } from '../answer/rewrite.ts';
import type { Texts } from '../answer/texts.ts';
import { buildDelta, type Path, readDelta } from './deltas.ts';
import type { EventMasker, MaskedEvent } from './event-masker.ts';
import { keyOfDelta, maskBare, pushLeaves, pushSegment, requireSameIndexes } from './mask-event.ts';
import { contentPlace, type EventPlace, itemPlace, memberPlace, partPlace, readType } from './places.ts';

type Json = Record<string, unknown>;

const TERMINAL = new Set([
  'response.completed',
  'response.failed',
  'response.incomplete',
  'response.cancelled',
  'transcript.text.done',
  'speech.audio.done',
  'image_generation.completed',
  'image_edit.completed',
]);

const SEGMENT = 'transcript.text.segment';

/** Members in which a done event repeats its text. */
const REPEATS = new Set(['text', 'refusal', 'arguments', 'input', 'code', 'command']);

/** How to say more of a text: the last delta event of it, and where in its delta the text stands. */
interface Template {
  readonly event: Json;
  readonly path: Path;
  /** The member that holds it. */
  readonly member: 'delta' | 'text';
}

/**
 * The events of the Responses API, known and unknown: every string is masked, what a `.delta` event holds
 * continues the text at its place, and held text goes out in one more delta event before the event that
 * ends the text.
 */
export class ResponsesEvents implements EventMasker {
  readonly #texts: Texts;
  readonly #facts: ResponseFacts;
  readonly #templates = new Map<string, Template>();
  /** What the events of a text have beside its place. */
  readonly #unread = new Map<string, string>();
  /** Citations that wait for the text they point into, by its place. */
  readonly #citations = new Map<string, Json[]>();
  /** The last number that came, and events added minus events dropped: the numbers stay without gaps. */
  #lastNumber: number | undefined;
  #shift = 0;

  constructor(texts: Texts, facts: ResponseFacts) {
    this.#texts = texts;
    this.#facts = facts;
  }

  event(came: unknown): MaskedEvent {
    const rewrite = new Rewrite(this.#texts);
    if (!isObject(came)) return maskBare(came, 'event', rewrite);
    learnNames(this.#texts.naming, came['response']);
    const value = rewrite.keys(came, 'event');
    const at = readType(value);
    const before = this.#endTexts(at, value);
    this.#texts.isFinal = at.phase === 'done' || TERMINAL.has(at.type);
    let held = false;
    for (const key of Object.keys(value)) {
      if (rewrite.removes(value, key)) continue;
      if (this.#member(at, key, value, rewrite)) held = true;
    }
    if (at.type === 'response.output_text.annotation.added') held = this.#cite(value, rewrite);
    const failed = this.#note(at.type, value);
    this.#numberAll(before, value, held);
    return {
      before,
      value: held ? undefined : value,
      untouched: !rewrite.changed && this.#shift === 0,
      strings: rewrite.strings,
      terminal: failed || TERMINAL.has(at.type),
    };
  }

  finish(): readonly object[] {
    const events = this.#release('');
    for (const event of events)
      if (this.#lastNumber !== undefined) this.#number(event, this.#lastNumber + 1, 1);
    return events;
  }

  /** Masks one member; true when it is a delta of which nothing may go out yet. */
  #member(at: EventPlace, key: string, event: Json, rewrite: Rewrite): boolean {
    const { phase, place } = at;
    if (key === 'delta' && phase !== 'done') return this.#delta(at, event, rewrite, key, event);
    if (key === 'command' && phase === 'added') {
      // The beginning of a command, which deltas go on with.
      const template = { ...event, type: `${at.stem}.delta`, command: undefined };
      this.#delta(at, event, rewrite, key, template);
      return false;
    }
    if (key === 'text' && at.type === SEGMENT) return this.#segment(event, rewrite);
    const value = event[key];
    if (key === 'output' && phase === 'done' && Array.isArray(value)) {
      // A shell call's output: the one entry of its command.
      event[key] = value.map((entry) => rewrite.value(entry, key, place));
      return false;
    }
    const repeats = phase === 'done' && REPEATS.has(key);
    const masked = repeats
      ? rewrite.value(value, at.key, place)
      : rewrite.value(value, key, memberPlace(at.type, key, event));
    if (masked !== value) event[key] = masked;
    return false;
  }

  #delta(at: EventPlace, event: Json, rewrite: Rewrite, member: string, template: Json): boolean {
    const { place } = at;
    requireSameIndexes(this.#unread, at);
    const key = keyOfDelta(at, event[member], this.#texts);
    const delta = readDelta(event, member, key, place, rewrite);
    const { came, sent } = pushLeaves(delta.leaves, this.#texts, rewrite, (leaf) => {
      this.#templates.set(leaf.place, { event: template, path: leaf.path, member: 'delta' });
    });
    return came && !sent && !delta.substance;
  }

  /** A segment of a transcript goes on where the one before it ended; it goes out even when its text is held back. */
  #segment(event: Json, rewrite: Rewrite): false {
    this.#templates.set(SEGMENT, { event, path: [], member: 'text' });
    pushSegment(event, SEGMENT, this.#texts, rewrite);
    return false;
  }

  /** Ends the texts that this event repeats whole; the events that say what was held back of them. */
  #endTexts(at: EventPlace, event: Json): Json[] {
    if (TERMINAL.has(at.type)) return this.#release('');
    if (at.phase === 'delta') return this.#releasePart(at.place);
    if (at.phase !== 'done') return [];
    if ('item' in event) return this.#release(itemPlace(event));
    if ('part' in event) return this.#release(partPlace(event));
    return this.#release(at.place);
  }

  /** A part of a content ends where the next one begins. */
  #releasePart(next: string): Json[] {
    const before = this.#texts.partBefore(next);
    return before === undefined ? [] : this.#release(before);
  }

  #release(place: string): Json[] {
    const events: Json[] = [];
    for (const tail of this.#texts.end(place)) {
      const template = this.#templates.get(tail.place);
      if (template !== undefined)
        events.push({ ...template.event, [template.member]: buildDelta(template.path, tail.text) });
    }
    for (const [textPlace, citations] of this.#citations) {
      if (this.#texts.channel(textPlace)?.open) continue;
      for (const citation of citations) this.#moveCitation(citation, textPlace);
      events.push(...citations);
      this.#citations.delete(textPlace);
    }
    return events;
  }

  /** Corrects a citation's offsets; true when they are not known yet, because its text is partly held back. */
  #cite(event: Json, rewrite: Rewrite): boolean {
    const place = `${contentPlace(event)}.text`;
    const channel = this.#texts.channel(place);
    if (channel === undefined) return false;
    if (channel.isSettled(lastOffset(event['annotation']))) {
      if (this.#moveCitation(event, place)) rewrite.changed = true;
      return false;
    }
    const waiting = this.#citations.get(place);
    if (waiting === undefined) this.#citations.set(place, [event]);
    else waiting.push(event);
    return true;
  }

  #moveCitation(event: Json, textPlace: string): boolean {
    const channel = this.#texts.channel(textPlace);
    if (channel === undefined) return false;
    return moveAnnotations([event['annotation']], channel.offsets, channel.source.length);
  }

  /** Takes the facts; true when the event is an error. */
  #note(type: string, event: Json): boolean {
    noteAnswer(this.#facts, event['response']);
    // Sound, transcripts and pictures have no response around them.
    if (event['usage'] !== undefined) addUsage(this.#facts, event['usage']);
    if (type === 'response.output_item.done') noteItem(this.#facts, event['item']);
    const failed = type === 'error' || Boolean(event['error']);
    if (failed) this.#facts.failed = true;
    return failed;
  }

  #numberAll(before: readonly Json[], event: Json, held: boolean): void {
    const number = event['sequence_number'];
    if (typeof number !== 'number') return;
    this.#lastNumber = number;
    for (const earlier of before) this.#number(earlier, number, 1);
    this.#number(event, number, held ? -1 : 0);
  }

  /** Numbers an event that came as `original`; `change` is what it adds to the numbers behind it. */
  #number(event: Json, original: number, change: -1 | 0 | 1): void {
    event['sequence_number'] = original + this.#shift;
    this.#shift += change;
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
