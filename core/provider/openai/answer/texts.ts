import { Buffer } from 'node:buffer';
import { addCounts, type FindingCounts, type Masker, OffsetMap } from '#core/phi/mask.ts';
import { type Encoded, holdsUnreadable, readEncodedText } from '../content/encoded.ts';
import type { OpaqueGate } from '../content/gate.ts';
import { keepMedia } from '../content/inline-media.ts';
import { readMediaType } from '../content/kind.ts';
import { sniff } from '../content/sniff.ts';
import { Channel } from '../stream/channel.ts';
import { Channels, type Said } from '../stream/channels.ts';
import { isWithin } from '../stream/places.ts';
import { isJsonText, isNameKey } from '../structure.ts';
import { relate } from './anew.ts';
import { type Naming, UNNAMED } from './naming.ts';
import { ResponseError } from './response-error.ts';
import { isReplaced } from './spans.ts';

/** Text of one answer that is kept to recognise its repetitions, in UTF-16 units. */
const MAX_ANSWER_CHARS = 64 * 1024 * 1024;

/** Of what has stood in a place, in UTF-16 units: what is found across two texts is shorter, its label included. */
const SAID_CHARS = 256;

/** Members that are whole wherever they stand, and of which one follows another: of sources and files. */
const WHOLE_KEYS = new Set(['title', 'filename', 'url']);
/** Members that hold a piece of a sound, in events. */
const SOUND_KEYS = new Set(['data', 'audio']);

/** Where servers have all of the text so far in each event: of the first, too, the end is held back. The API has nothing there. */
const MAY_GROW =
  /^choices\.\d+\.message\.(?:.+\.)?(?:content|text|refusal|arguments|reasoning|reasoning_content|thinking)$/;

/** A text that came to its end, and what had been held back of it. */
export interface Tail {
  readonly place: string;
  readonly text: string;
}

/** A text and its masked form, and where the places of the one are in the other. */
interface Whole {
  readonly source: string;
  readonly masked: string;
  readonly offsets: OffsetMap;
  /** The end of all that has stood in its place, itself included. */
  said: string;
}

const NOTHING: Whole = { source: '', masked: '', offsets: new OffsetMap(), said: '' };

/**
 * All texts of one answer, by place: `output.0.content.0.text`, `choices.0.tool_calls.1.function.arguments`.
 *
 * The API repeats its texts (deltas, done events, items, the terminal response), and each repetition must
 * come out the same and be counted once. So a text is masked when it first stands in its place, and
 * whenever the same text stands there again the first result is given.
 */
export class Texts {
  readonly #masker: Masker;
  #gate: OpaqueGate | undefined;
  readonly #inPieces: boolean;
  readonly naming: Naming;
  readonly #channels: Channels;
  readonly #wholes = new Map<string, Whole>();
  /** Texts that came whole, and then with more behind: of these too the end is held back. */
  readonly #growing = new Map<string, Channel>();
  readonly #counts: FindingCounts = {};
  #chars = 0;
  /** Where the text stands that is masked now. */
  #at = '';
  /** Whether what comes now ends the texts: nothing of one that has grown is held back then. */
  isFinal = false;

  /** `gate` takes what cannot be read; `inPieces` says that sound comes piece by piece, as in a stream. */
  constructor(masker: Masker, gate?: OpaqueGate, inPieces = false, naming = UNNAMED) {
    this.#masker = keepMedia(masker, (kind, type, bytes) => this.#gate?.pass(this.#at, kind, type, bytes));
    this.#channels = new Channels(this.#masker);
    this.#gate = gate;
    this.#inPieces = inPieces;
    this.naming = naming;
  }

  /** From now on what cannot be read goes through this gate. */
  use(gate: OpaqueGate): void {
    this.#gate = gate;
  }

  /** Notes encoded content that is no text; what of it can be read. Throws OpaqueError where policy does not let it through. */
  readEncoded(place: string, key: string, encoded: Encoded): string | undefined {
    const { type, bytes, loose } = encoded;
    const { kind, text } = sniff(bytes);
    if (this.#inPieces && SOUND_KEYS.has(key) && !loose) {
      this.passSound(place, bytes);
      // Silence is no text of control characters.
      return text;
    }
    if (kind !== undefined) this.#gate?.pass(place, kind, readMediaType(type), bytes);
    return readEncodedText(encoded);
  }

  /** Notes a piece of a sound. Throws OpaqueError where policy does not let it through. */
  passSound(place: string, bytes: Uint8Array): void {
    this.#gate?.push(place, 'audio', bytes);
  }

  /** Notes what cannot be read under a name that the API does not have; throws as `passSound`. A sound may have no marks to tell it by. */
  passUnknown(place: string, text: string): void {
    if (!holdsUnreadable(text)) return;
    const bytes = Buffer.from(text, 'base64');
    const { kind = 'other' } = sniff(bytes);
    if (this.#inPieces && kind === 'other') this.passSound(place, bytes);
    else this.#gate?.pass(place, kind, '', bytes);
  }

  /** Says how a text is masked that is about to stand at a place, and is a part of others that are counted; `counts` what is found in it alone. */
  settle(
    place: string,
    source: string,
    masked: string,
    offsets: OffsetMap,
    counts: FindingCounts = {},
  ): void {
    this.#retain(source.length);
    addCounts(this.#counts, counts);
    this.#wholes.set(place, { source, masked, offsets, said: source });
  }

  /** What was masked so far, each finding once. */
  get counts(): FindingCounts {
    const counts = { ...this.#counts };
    this.#channels.addCountsTo(counts);
    for (const channel of this.#growing.values()) addCounts(counts, channel.counts);
    return counts;
  }

  /** Masks a text that is here whole. */
  mask(place: string, key: string, text: string): string {
    const channel = this.#endedChannel(place, text);
    if (channel !== undefined) return channel.emitted;
    return this.#soFar(place, text) ?? this.#whole(place, key, text).masked;
  }

  /** Where the places of a text that is here whole are in its masked form. */
  offsets(place: string, key: string, text: string): OffsetMap {
    return (this.#endedChannel(place, text) ?? this.#whole(place, key, text)).offsets;
  }

  /** Masks a text that stands nowhere. */
  look(text: string, offsets: OffsetMap) {
    return this.#mask('text', text, offsets);
  }

  /** Whether something is found across two of these pieces when they are put together. */
  isOneText(pieces: readonly string[]): boolean {
    const offsets = new OffsetMap();
    this.#mask('', pieces.join(''), offsets);
    let seam = 0;
    return pieces.slice(0, -1).some((piece) => {
      seam += piece.length;
      return offsets.move(seam, 'start') !== offsets.move(seam, 'end');
    });
  }

  /** Takes the next delta of the text at a place; what of it may go out now. Throws ResponseError where there are too many. */
  push(place: string, key: string, chunk: string): string {
    this.#at = place;
    const channel = this.#channels.at(place, key);
    // What goes on after its end is masked anew.
    this.#retain(chunk.length + (channel.open ? 0 : channel.source.length));
    const out = channel.push(chunk);
    this.#channels.note(channel);
    return out;
  }

  /** Some text has not come to its end. */
  get holds(): boolean {
    return this.#channels.holds;
  }

  /** The text that comes in deltas at a place, if any came. */
  channel(place: string): Said | undefined {
    return this.#channels.get(place);
  }

  /** The place of the part that comes to its end when a delta comes at a place. */
  partBefore(place: string): string | undefined {
    return this.#channels.partBefore(place);
  }

  /** Ends the open texts at a place and below it (all of them for `''`); the tails that are not empty. */
  end(place: string, keepOpen?: ReadonlySet<string>): Tail[] {
    const tails: Tail[] = [];
    for (const channel of this.#channels.end(place, keepOpen)) {
      this.#at = channel.place;
      const text = channel.end();
      if (text !== '') tails.push({ place: channel.place, text });
    }
    return tails;
  }

  /** Ends the texts below a place that have grown and whose last event is not known to be the last; each whole. */
  endGrown(place: string): Tail[] {
    return Array.from(this.#growing).flatMap(([at, channel]) => {
      if (!channel.open || !isWithin(at, place)) return [];
      const held = channel.end();
      return held === '' ? [] : [{ place: at, text: channel.emitted }];
    });
  }

  /** The deltas that have said this text at a place. */
  #endedChannel(place: string, text: string): Said | undefined {
    const channel = this.#channels.get(place);
    return channel !== undefined && !channel.open && channel.source === text ? channel : undefined;
  }

  /** What has gone out, or is about to, of a text that is said at a place while deltas of it come: its end is held back, too. */
  #soFar(place: string, text: string): string | undefined {
    const channel = this.#channels.get(place);
    if (channel?.open !== true) return undefined;
    const { source, key } = channel;
    // To compare the whole with a short text, again and again, would take too long.
    const isSaid = 2 * text.length < source.length || text.startsWith(source) || source.startsWith(text);
    if (!isSaid) return undefined;
    this.#retain(text.length);
    return new Channel(this.#masker, place, key).push(text);
  }

  #whole(place: string, key: string, text: string): Whole {
    this.#at = place;
    const known = this.#wholes.get(place);
    const relation = known && relate(known, text);
    if (known !== undefined && relation === 'again' && !(this.isFinal && this.#growing.has(place))) {
      // A letter that comes so often is no piece of what was said before.
      if (text.length === 1) known.said = text;
      return known;
    }
    const isUnderWay = !this.isFinal || this.#growing.has(place);
    const grows = known === undefined ? MAY_GROW.test(place) : relation === 'more' || relation === 'again';
    if (this.#inPieces && isUnderWay && grows) return this.#grown(place, key, known ?? NOTHING, text);
    const offsets = new OffsetMap();
    const result = this.#mask(key, text, offsets);
    this.#retain(text.length);
    const mayGoOn = this.#inPieces && !isNameKey(key) && !WHOLE_KEYS.has(key);
    const goesOn = known !== undefined && mayGoOn && relation === 'next';
    const said = (goesOn ? known.said + text : text).slice(-SAID_CHARS);
    if (goesOn) this.#requireApart(key, known, text, offsets);
    const whole = { source: text, masked: result.text, offsets, said };
    this.#wholes.set(place, whole);
    addCounts(this.#counts, result.counts);
    const held = this.#giveUp(place);
    return goesOn && held !== '' ? { ...whole, masked: held + whole.masked } : whole;
  }

  /** What was held back of a text that was taken for one that grows, and is followed by another. */
  #giveUp(place: string): string {
    const channel = this.#growing.get(place);
    if (channel === undefined) return '';
    this.#growing.delete(place);
    const held = channel.end();
    addCounts(this.#counts, channel.counts);
    return held;
  }

  /** A text that is the one before it in its place, with more behind; or that may be the first of such. */
  #grown(place: string, key: string, known: Whole, text: string): Whole {
    let channel = this.#growing.get(place);
    if (channel === undefined || !text.startsWith(channel.source)) {
      channel = new Channel(this.#masker, place, key);
      this.#growing.set(place, channel);
    }
    const more = text.slice(channel.source.length);
    this.#retain(more.length);
    channel.push(more);
    if (this.isFinal) channel.end();
    const said = (known.said + text.slice(known.source.length)).slice(-SAID_CHARS);
    const whole = { source: text, masked: channel.emitted, offsets: channel.offsets, said };
    this.#wholes.set(place, whole);
    return whole;
  }

  #mask(key: string, text: string, offsets: OffsetMap) {
    return isJsonText(key, text) ? this.#masker.maskJson(text, offsets) : this.#masker.mask(text, offsets);
  }

  /**
   * A text of a stream in the place of another one may be its next piece, which is not known of members that the API does not
   * send in pieces. Throws ResponseError where something is found across the two that was not masked in both.
   */
  #requireApart(key: string, before: Whole, text: string, offsets: OffsetMap): void {
    const together = new OffsetMap();
    this.#mask(key, before.said + text, together);
    const seam = before.said.length;
    const isAcross = together.move(seam, 'start') !== together.move(seam, 'end');
    if (!isAcross || (isReplaced(before.offsets, before.source.length - 1) && isReplaced(offsets, 0))) return;
    throw new ResponseError('A text of the stream goes on in pieces that are no deltas.');
  }

  #retain(chars: number): void {
    this.#chars += chars;
    if (this.#chars > MAX_ANSWER_CHARS) throw new ResponseError('The answer holds too much text.');
  }
}
