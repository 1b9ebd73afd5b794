import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EntityName } from '#core/phi/entities.ts';
import { PROMPT_SEGMENTS } from '#core/phi/external/segment.ts';
import type { Masker } from '#core/phi/mask.ts';
import type { TokenEntry, TokenMap } from '#core/phi/token/token-map.ts';
import { createTokenizer } from '#core/phi/token/tokenizer.ts';
import type { Route } from '#core/provider/openai/catalogue.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import type { FormPart } from '#core/provider/openai/form/parse.ts';
import { readForm } from '#core/provider/openai/form/read.ts';
import { tokenizeFields } from '#core/provider/openai/form/tokenize.ts';
import { editRequest } from '#core/provider/openai/request/outgoing.ts';
import { readTexts, streamOf } from '#core/provider/openai/request/read-texts.ts';
import { type PromptText, parseBody } from '#core/provider/openai/request/request.ts';
import {
  findTokenEdits,
  nameless,
  piecesOf,
  replaceInTexts,
  TokenizeError,
} from '#core/provider/openai/request/tokenize.ts';
import { lookAhead } from '../detector/lookahead.ts';
import type { Exchange } from '../exchange.ts';
import { inTurns } from '../inspect/turns.ts';
import type { Parts } from '../parts.ts';

/** So often is looked whether something is left; what is found then is replaced wherever it stands. */
const MAX_ROUNDS = 3;
/** Texts that are looked at before others have their turn. */
const TURN_TEXTS = 100;

/** Replaces values of a request by the tokens of a session. */
export class Replacement {
  /** The external detector has not seen everything, and policy lets that pass. */
  unseen = false;
  readonly #parts: Parts;
  readonly #exchange: Exchange;
  readonly #wanted: ReadonlySet<EntityName>;
  readonly #map: TokenMap;
  readonly #entries = new Map<string, TokenEntry>();
  readonly #note = (entry: TokenEntry) => this.#entries.set(entry.token, entry);

  /** @param wanted the entities whose values are replaced */
  constructor(parts: Parts, exchange: Exchange, wanted: ReadonlySet<EntityName>, map: TokenMap) {
    this.#parts = parts;
    this.#exchange = exchange;
    this.#wanted = wanted;
    this.#map = map;
  }

  /** What stands for what, of all that was replaced. */
  get entries(): readonly TokenEntry[] {
    return [...this.#entries.values()];
  }

  /** Nothing can have to be replaced: the request has no such finding, and the session no value that could come again. */
  get isNeedless(): boolean {
    const { findings } = this.#exchange;
    return this.#map.size === 0 && !Array.from(this.#wanted).some((entity) => (findings[entity] ?? 0) > 0);
  }

  /**
   * A JSON body with tokens: what the detectors find string by string, then the values of the session wherever else they stand. Both
   * until nothing is left of what inspection, which reads some texts in another way, finds.
   *
   * Throws GatewayError `policy_denied` or `detector_unavailable`.
   */
  inBody(body: Uint8Array): Promise<Uint8Array> {
    return this.#replace(
      body,
      (so, tokenizer) => this.#edit(so, tokenizer),
      async (so) => readTexts(parseBody(so)),
      'has it in a form that no token can take the place of',
    );
  }

  /**
   * The parts of a form with tokens in its fields, as inBody has them; files stay.
   *
   * Throws GatewayError `policy_denied` or `detector_unavailable`.
   */
  inForm(route: Route, parts: readonly FormPart[]): Promise<readonly FormPart[]> {
    return this.#replace(
      parts,
      (so, tokenizer) => collect(tokenizeFields(so, tokenizer)),
      async (so) => (await inTurns(readForm(route, so))).texts,
      'is part of a file, or has it in a form that no token can take the place of',
    );
  }

  /** The place of the first text in which something is found that is to be replaced. Throws GatewayError `detector_unavailable`. */
  async findLeft(texts: readonly PromptText[]): Promise<string | undefined> {
    let left: string | undefined;
    let place = '';
    const note = (entry: TokenEntry) => {
      left ??= place;
      this.#note(entry);
    };
    await this.#detect(note, async (tokenizer) => {
      for (const [index, each] of texts.entries()) {
        place = each.place;
        if (index % TURN_TEXTS === TURN_TEXTS - 1) await nextTurn();
        const { stream, text } = streamOf(tokenizer, each);
        for (const piece of piecesOf(stream, text)) if (piece === undefined) await nextTurn();
      }
    });
    return left;
  }

  async #replace<T>(
    body: T,
    edit: (body: T, tokenizer: Masker) => Promise<T>,
    read: (body: T) => Promise<readonly PromptText[]>,
    why: string,
  ): Promise<T> {
    const sweep = replaceInTexts((text) => this.#map.sweep(text, this.#note));
    let out = body;
    await this.#detect(this.#note, async (tokenizer) => {
      out = await edit(body, tokenizer);
    });
    for (let round = 0; ; round++) {
      out = await edit(out, sweep);
      const left = await this.findLeft(await read(out));
      if (left === undefined) return out;
      if (round === MAX_ROUNDS) throw untokenizable(left, why);
    }
  }

  /** Runs over texts with a tokenizer that finds what all detectors find. */
  async #detect(note: (entry: TokenEntry) => void, run: (tokenizer: Masker) => Promise<void>): Promise<void> {
    const { snapshot, verdict, arrival, caller } = this.#exchange;
    const detector = this.#parts.knownTexts.detectorFor(snapshot.detector, caller);
    const look = lookAhead(this.#parts, { detector }, PROMPT_SEGMENTS, verdict.externalRequired, arrival);
    if (look !== undefined) {
      await run(look.scout);
      await look.answer();
      if (look.failure !== undefined) this.unseen = true;
    }
    await run(createTokenizer(look?.detector ?? detector, this.#wanted, this.#map, note));
  }

  async #edit(body: Uint8Array, tokenizer: Masker): Promise<Uint8Array> {
    const secrets = this.#exchange.received.content.secrets.map(({ path }) => path);
    const edits = await collect(findTokenEdits(parseBody(body), secrets, tokenizer));
    return editRequest('', body, edits).body;
  }
}

/** All that is yielded; where nothing is, others have their turn. Throws GatewayError `policy_denied`. */
async function collect<T>(from: Iterable<T | undefined>): Promise<T[]> {
  const all: T[] = [];
  try {
    for (const one of from) {
      if (one === undefined) await nextTurn();
      else all.push(one);
    }
  } catch (error) {
    if (error instanceof TokenizeError) throw untokenizable(error.place, error.message);
    throw error;
  }
  return all;
}

/** The refusal of a request that holds, at a place, what policy wants replaced. */
export function untokenizable(place: string, why: string): GatewayError {
  const at = nameless(place);
  const message = `Policy wants identifiers replaced by tokens here, and ${at} ${why}. Take them out, then ask again.`;
  return new GatewayError('policy_denied', message, { param: at });
}
