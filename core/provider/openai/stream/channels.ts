import { addCounts, type FindingCounts, type Masker } from '#core/phi/mask.ts';
import { PartOffsets } from '../answer/part-offsets.ts';
import { ResponseError } from '../answer/response-error.ts';
import { Channel } from './channel.ts';
import { isWithin } from './places.ts';

/** Texts that come in deltas, at about 10 KB each. Answers have hundreds: a choice, an item, a tool call is one or two. */
const MAX_CHANNELS = 10_000;
/** A part of the content of an item: all of them are one text. */
const PART = /^(response\.output\.[^.]+\.content)\.[^.]+\.text$/;

/** What came of a text so far, and what went out. */
export type Said = Pick<Channel, 'key' | 'open' | 'source' | 'emitted' | 'offsets' | 'isSettled'>;

/** The texts of one answer that come in deltas, by place. */
export class Channels {
  readonly #masker: Masker;
  readonly #channels = new Map<string, Channel>();
  readonly #open = new Set<Channel>();
  /** Of contents, what goes on from part to part. */
  readonly #contents = new Map<string, Channel>();
  /** Where contents have several. */
  readonly #parts = new Map<string, Part>();

  constructor(masker: Masker) {
    this.#masker = masker;
  }

  /** Some text has not come to its end. */
  get holds(): boolean {
    return this.#open.size > 0;
  }

  addCountsTo(counts: FindingCounts): void {
    for (const channel of this.#channels.values()) addCounts(counts, channel.counts);
  }

  /** The text that comes in deltas at a place, if any came. */
  get(place: string): Said | undefined {
    return this.#parts.get(place) ?? this.#channels.get(place);
  }

  /** That of a place at which a delta comes. Throws ResponseError where there are too many, and for a part that another one came behind. */
  at(place: string, key: string): Channel {
    const [, content] = PART.exec(place) ?? [];
    const before = content && this.#contents.get(content);
    if (before) return this.#partAt(place, before);
    let channel = this.#channels.get(place);
    if (channel === undefined) {
      if (this.#channels.size === MAX_CHANNELS) throw new ResponseError('The answer holds too many texts.');
      channel = new Channel(this.#masker, place, key);
      this.#channels.set(place, channel);
      if (content !== undefined) this.#contents.set(content, channel);
    }
    return channel;
  }

  /** The place of the part that comes to its end when a delta comes at a place. */
  partBefore(place: string): string | undefined {
    const [, content = ''] = PART.exec(place) ?? [];
    const before = this.#contents.get(content)?.place;
    return before === place ? undefined : before;
  }

  /** Says that a text goes on. */
  note(channel: Channel): void {
    if (channel.open) this.#open.add(channel);
  }

  /** Ends the open texts at a place and below it (all of them for `''`), and gives each before. */
  *end(place: string, keepOpen?: ReadonlySet<string>): Generator<Channel> {
    for (const channel of this.#open) {
      if (!isWithin(channel.place, place) || keepOpen?.has(channel.place)) continue;
      this.#open.delete(channel);
      yield channel;
    }
  }

  #partAt(place: string, channel: Channel): Channel {
    if (channel.place === place) return channel;
    if (this.get(place) !== undefined)
      throw new ResponseError('A part of the stream goes on behind another one.');
    const before = this.#parts.get(channel.place) ?? new Part(channel, 0, 0);
    this.#parts.set(channel.place, before);
    this.#parts.set(place, before.next());
    channel.place = place;
    return channel;
  }
}

/** One of several parts of a content. */
class Part implements Said {
  readonly #channel: Channel;
  readonly #from: number;
  readonly #maskedFrom: number;
  #to: number | undefined;
  #maskedTo: number | undefined;

  /** It begins there in what came of the content, and in what went out. */
  constructor(channel: Channel, from: number, maskedFrom: number) {
    this.#channel = channel;
    this.#from = from;
    this.#maskedFrom = maskedFrom;
  }

  /** The one that begins where this one ends. */
  next(): Part {
    this.#to = this.#channel.source.length;
    this.#maskedTo = this.#channel.emitted.length;
    return new Part(this.#channel, this.#to, this.#maskedTo);
  }

  get key(): string {
    return this.#channel.key;
  }

  get open(): boolean {
    return this.#to === undefined && this.#channel.open;
  }

  get source(): string {
    return this.#channel.source.slice(this.#from, this.#to);
  }

  get emitted(): string {
    return this.#channel.emitted.slice(this.#maskedFrom, this.#maskedTo);
  }

  get offsets(): PartOffsets {
    return new PartOffsets(this.#channel.offsets, this.#from, this.#maskedFrom, this.#maskedTo);
  }

  isSettled(place: number): boolean {
    return this.#to !== undefined || this.#channel.isSettled(this.#from + place);
  }
}
