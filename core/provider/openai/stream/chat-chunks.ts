import { Citations } from '../answer/citations.ts';
import { noteAnswer, type ResponseFacts } from '../answer/facts.ts';
import { ResponseError } from '../answer/response-error.ts';
import { Rewrite } from '../answer/rewrite.ts';
import { isCovered, type Span, Spans } from '../answer/spans.ts';
import type { Texts } from '../answer/texts.ts';
import { buildDelta, type Leaf, type Path, readDelta, readPosition } from './deltas.ts';
import type { EventMasker, MaskedEvent } from './event-masker.ts';
import { maskBare } from './mask-event.ts';

type Json = Record<string, unknown>;

/** What the first choice says; the others are of no conversation that goes on. */
const FIRST_CONTENT = 'choices.0.content';

/** The members of a choice that go on from chunk to chunk; some servers send the one where the API has the other. */
const CONTINUED = new Set(['delta', 'text']);

/** Of the end of a part, in UTF-16 units: what is held back of it is shorter. */
const END_CHARS = 512;

/** Where a text of a choice stands in it. */
interface Origin {
  readonly choice: number;
  readonly path: Path;
}

/**
 * The chunks of a streamed chat completion, or of a legacy completion: these have the text itself in a choice, where the
 * others have a delta. Nothing repeats a text here, so what was held back goes out in
 * a chunk of its own before the one with the choice's `finish_reason`, or before the next text of the choice
 * begins: the SDKs take a new tool call as the end of what came before.
 */
export class ChatChunks implements EventMasker {
  readonly #member: 'delta' | 'text';
  readonly #texts: Texts;
  readonly #facts: ResponseFacts;
  readonly #hasOneChoice: boolean;
  readonly #origins = new Map<string, Origin>();
  readonly #citations: Citations;
  /** The part that a content has come to, by its place. */
  readonly #parts = new Map<string, number>();
  /** What was found in parts that another one came behind, by the place of their content. */
  readonly #seams = new Map<string, readonly Span[]>();
  /** The last chunk: what is added takes its id and its like. */
  #last: Json = {};

  /** `member` is the part of a choice that goes on from chunk to chunk; `hasOneChoice` as StreamOptions have it. */
  constructor(member: 'delta' | 'text', texts: Texts, facts: ResponseFacts, hasOneChoice: boolean) {
    this.#hasOneChoice = hasOneChoice;
    this.#member = member;
    this.#texts = texts;
    this.#facts = facts;
    this.#citations = new Citations(texts);
  }

  event(came: unknown): MaskedEvent {
    const rewrite = new Rewrite(this.#texts);
    if (!isObject(came)) return maskBare(came, 'chunk', rewrite);
    const value = rewrite.keys(came, 'chunk');
    const { choices } = value;
    this.#texts.isFinal = Array.isArray(choices) && choices.every(isFinished);
    const before: Json[] = [];
    let held = false;
    for (const key of Object.keys(value)) {
      if (rewrite.removes(value, key)) continue;
      const member = value[key];
      if (key === 'choices' && Array.isArray(member)) {
        const heldChoices = member.filter((_, position) => this.#choice(member, position, before, rewrite));
        held = member.length > 0 && heldChoices.length === member.length && !isObject(value['usage']);
      } else {
        value[key] = rewrite.value(member, key, `chunk.${key}`);
      }
    }
    this.#requireSeams();
    this.#last = value;
    noteAnswer(this.#facts, value);
    this.#facts.said = this.#texts.channel(FIRST_CONTENT)?.emitted ?? '';
    return {
      before: before.map((choice) => this.#wrap(choice)),
      value: held ? undefined : value,
      untouched: !rewrite.changed,
      strings: rewrite.strings,
      terminal: Boolean(value['error']),
    };
  }

  finish(): readonly object[] {
    const said = this.#end('choices');
    this.#requireSeams();
    for (const choice of this.#citations.choices()) said.push(...this.#sayCitations(choice));
    return said.map((choice) => this.#wrap(choice));
  }

  /** A chunk of its own for a choice. */
  #wrap(choice: Json): Json {
    const usage = 'usage' in this.#last ? { usage: null } : {};
    return { ...this.#last, ...usage, choices: [choice] };
  }

  /** Masks a choice; true when all that it says is held back. `before` takes the choices of earlier chunks. */
  #choice(choices: unknown[], position: number, before: Json[], rewrite: Rewrite): boolean {
    const came = choices[position];
    if (!isObject(came)) throw new ResponseError('A choice of the stream is not an object.');
    const choice = rewrite.keys(came, `choices.${position}`);
    choices[position] = choice;
    const index = this.#hasOneChoice ? 0 : readPosition(choice, position);
    const place = `choices.${index}`;
    const finished = isFinished(choice);
    let bare = true;
    const leaves: Leaf[] = [];
    for (const key of Object.keys(choice)) {
      if (rewrite.removes(choice, key)) continue;
      if (CONTINUED.has(key) && isContinued(choice[key])) {
        const at = key === this.#member ? place : `${place}.${key}`;
        const delta = readDelta(choice, key, key, at, rewrite);
        for (const leaf of delta.leaves) {
          const inPlace = isContent(leaf) ? this.#contentAt(at, leaf) : leaf.place;
          leaves.push({ ...leaf, place: inPlace, path: [key, ...leaf.path] });
        }
        if (delta.substance) bare = false;
      } else {
        if (key !== 'index' && !isNothing(choice[key])) bare = false;
        choice[key] = rewrite.value(choice[key], key, `${place}.${key}`);
      }
    }
    const sent = this.#push(leaves, index, place, finished, before, rewrite);
    if (this.#citations.take(choice[this.#member], index)) rewrite.changed = true;
    if (finished) before.push(...this.#sayGrown(index), ...this.#sayCitations(index));
    return bare && !sent && leaves.some((leaf) => leaf.text !== '');
  }

  /**
   * The place of a content, whole or in parts. Throws ResponseError where an earlier part goes on, which who joins the parts and who
   * keeps them apart would read as different texts.
   */
  #contentAt(at: string, { holder }: Leaf): string {
    const place = `${at}.content`;
    const { index } = holder;
    if (typeof index !== 'number') return place;
    if (index < (this.#parts.get(place) ?? index))
      throw new ResponseError('A part of the stream goes on behind another one.');
    const channel = this.#texts.channel(place);
    if (channel !== undefined && index > (this.#parts.get(place) ?? index)) {
      const from = Math.max(0, channel.source.length - END_CHARS);
      const found = new Spans();
      this.#texts.look(channel.source.slice(from), found);
      const spans = found.list.map(({ start, end }) => ({ start: from + start, end: from + end }));
      const open = [...(this.#seams.get(place) ?? []), ...spans].filter(({ end }) => !channel.isSettled(end));
      this.#seams.set(place, open);
    }
    this.#parts.set(place, index);
    return place;
  }

  /** What was found at the end of a part is masked with what stands in the next one, too. Throws ResponseError where it would not be. */
  #requireSeams(): void {
    for (const [place, spans] of this.#seams) {
      const channel = this.#texts.channel(place);
      const isLost = (span: Span) =>
        channel?.isSettled(span.end) === true && !isCovered(channel.offsets, span);
      if (spans.some(isLost))
        throw new ResponseError('A part of the stream says by itself what it says with no other.');
    }
  }

  /** Passes the pieces of one delta on; true when anything of them may go out. */
  #push(
    leaves: readonly Leaf[],
    choice: number,
    place: string,
    finished: boolean,
    before: Json[],
    rewrite: Rewrite,
  ): boolean {
    if (leaves.some((leaf) => this.#begins(leaf))) {
      before.push(...this.#end(place, new Set(leaves.map((leaf) => leaf.place))));
    }
    const last = new Map<string, Leaf>();
    for (const leaf of leaves) {
      this.#origins.set(leaf.place, { choice, path: leaf.path });
      leaf.holder[leaf.member] = this.#texts.push(leaf.place, leaf.key, leaf.text);
      last.set(leaf.place, leaf);
    }
    if (finished) {
      for (const tail of this.#texts.end(place)) {
        const leaf = last.get(tail.place);
        if (leaf === undefined) before.push(...this.#say(tail.place, tail.text));
        else leaf.holder[leaf.member] = `${leaf.holder[leaf.member]}${tail.text}`;
      }
    }
    let sent = false;
    for (const leaf of leaves) {
      const out = leaf.holder[leaf.member];
      if (out !== leaf.text) rewrite.changed = true;
      if (out !== '') sent = true;
    }
    return sent;
  }

  #begins(leaf: Leaf): boolean {
    if (this.#origins.has(leaf.place)) return false;
    return leaf.text !== '' || leaf.path[1] === 'tool_calls';
  }

  #end(place: string, keepOpen?: ReadonlySet<string>): Json[] {
    return this.#texts.end(place, keepOpen).flatMap((tail) => this.#say(tail.place, tail.text));
  }

  /** A choice that says the citations that were waiting for its text. */
  #sayCitations(choice: number): Json[] {
    const annotations = this.#citations.release(choice);
    if (annotations.length === 0) return [];
    return [{ index: choice, [this.#member]: { annotations }, logprobs: null, finish_reason: null }];
  }

  /** Choices that say texts whole that came in each chunk with more behind, and not in the last one. */
  #sayGrown(choice: number): Json[] {
    return this.#texts.endGrown(`choices.${choice}`).map(({ place, text }) => {
      const path = place.split('.').slice(2);
      const said = buildDelta(
        path.map((step) => (/^\d+$/.test(step) ? Number(step) : step)),
        text,
      ) as Json;
      return { index: choice, ...said, logprobs: null, finish_reason: null };
    });
  }

  /** A choice that says one more piece of a text. */
  #say(place: string, text: string): Json[] {
    const origin = this.#origins.get(place);
    if (origin === undefined) return [];
    const said = buildDelta(origin.path, text) as Json;
    return [{ index: origin.choice, ...said, logprobs: null, finish_reason: null }];
  }
}

function isFinished(choice: unknown): boolean {
  return isObject(choice) && !isNothing(choice['finish_reason']);
}

/** Some servers write `""` where the API has `null`: it is no reason to have finished. */
function isNothing(value: unknown): boolean {
  return value === null || value === undefined || value === '';
}

/** Some servers have the content in parts, now and then or always, which is one text nevertheless. */
function isContent({ path: [first, ...rest] }: Leaf): boolean {
  return first === 'content' && rest.every((step) => typeof step === 'number' || step === 'text');
}

function isContinued(value: unknown): boolean {
  return typeof value === 'string' || isObject(value);
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
