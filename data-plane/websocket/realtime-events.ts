import { ANSWER_SEGMENTS } from '#core/phi/external/segment.ts';
import { createMasker, type FindingCounts } from '#core/phi/mask.ts';
import { createRestorer } from '#core/phi/token/restore.ts';
import { OpaqueGate } from '#core/provider/openai/content/gate.ts';
import { createMessageMasker, type MessageMasker } from '#core/provider/openai/messages.ts';
import { isSpoken } from '#core/provider/openai/realtime-message.ts';
import type { ResponseFacts } from '#core/provider/openai/response.ts';
import { hideSecrets } from '#core/provider/openai/secret-masker.ts';
import { lookAhead } from '../detector/look-ahead.ts';
import type { Lookahead } from '../detector/lookahead.ts';
import type { Exchange } from '../exchange.ts';
import { closing } from '../mask/closing.ts';
import { type Reading, readingOf } from '../mask/deliver.ts';
import type { Parts } from '../parts.ts';
import { allowsOpaque, opaqueDenied } from '../policy/opaque.ts';
import { maskMessage } from './deliver.ts';

/** The messages that come of an event. */
export interface Said {
  /** As records have them. */
  readonly masked: readonly string[];
  /** What the caller gets in the place of each, where tokens become values: none, while a text is held back. */
  readonly shown: readonly (readonly string[])[] | undefined;
}

/** The provider's events of a session on their way to the caller: masked, their tokens restored, and the state of that. */
export class ServerEvents {
  /** A response is under way. */
  speaking = false;
  readonly #parts: Parts;
  #exchange: Exchange;
  /** What the caller has told in confidence, in this session. */
  #secrets: readonly string[] = [];
  /** The masker does not know all of them yet. */
  #stale = false;
  #gate: OpaqueGate | undefined;
  #messages: MessageMasker;
  /** Takes what is masked, and puts values where tokens stand, for the caller alone. */
  #restoring: MessageMasker | undefined;
  #look: Lookahead | undefined;
  #scout: MessageMasker | undefined;

  constructor(parts: Parts, exchange: Exchange) {
    this.#parts = parts;
    this.#exchange = exchange;
    this.#secrets = exchange.received.content.secretTexts;
    this.#messages = this.#renew();
  }

  /** What was pushed last is the end of a response. */
  get complete(): boolean {
    return this.#messages.complete;
  }

  get failed(): boolean {
    return this.#messages.facts.failed;
  }

  /** The external detector has failed, and that was let pass. */
  get unseen(): boolean {
    return this.#look?.failure !== undefined;
  }

  /** From the next response on, events are masked as policy has it for this exchange. */
  goOn(exchange: Exchange): void {
    this.#noteForgotten();
    this.#exchange = exchange;
    if ((this.#restoring !== undefined) !== restores(exchange)) this.#stale = true;
    const { secretTexts } = exchange.received.content;
    if (secretTexts.length === 0) return;
    // What a session was told stays in it, and may be said again at any time.
    this.#secrets = [...new Set([...this.#secrets, ...secretTexts])];
    this.#stale = true;
  }

  /** A gate for what cannot be read from now on, by the policy of this exchange; it notes what goes through. */
  openGate(): OpaqueGate {
    this.#gate = new OpaqueGate(this.#exchange.verdict.opaque, false);
    this.#messages.use(this.#gate);
    return this.#gate;
  }

  /**
   * Masks an event, and restores its tokens; the messages that may go out now.
   * Throws GatewayError `policy_denied` for sound that policy does not allow, and as `maskMessage` does.
   */
  async push(message: string): Promise<Said> {
    const masked = await maskMessage(message, this.#messages, this.#look, this.#scout);
    const { type } = this.#messages;
    if (isSpoken(type) && !allowsOpaque(this.#exchange.verdict, 'audio')) throw opaqueDenied('audio');
    if (type === 'response.created') this.speaking = true;
    if (this.complete) this.speaking = false;
    const restoring = this.#restoring;
    return { masked, shown: restoring && masked.map((text) => closing(() => restoring.push(text))) };
  }

  /** What is masked and learnt from now on, for the record of an exchange that begins. */
  read(): Reading {
    // A response after which nothing is held back ends what its repetitions are known by.
    this.#noteForgotten();
    const isQuiet = this.#messages.quiet && this.#restoring?.quiet !== false;
    if ((this.#messages.complete || this.#stale) && isQuiet) this.#messages = this.#renew();
    const messages = this.#messages;
    const restoring = this.#restoring;
    forget(messages.facts);
    const masked = countingFrom(messages);
    if (restoring === undefined) return masked;
    forget(restoring.facts);
    return readingOf(masked, countingFrom(restoring));
  }

  /** Values that were shown before, and were erased since, are not shown again where their text is. */
  #noteForgotten(): void {
    if (this.#exchange.tokenized?.map.isForgotten) this.#stale = true;
  }

  #renew(): MessageMasker {
    const { snapshot, verdict, session, arrival } = this.#exchange;
    this.#look = lookAhead(this.#parts, snapshot, ANSWER_SEGMENTS, verdict.externalRequired, arrival);
    this.#scout = this.#look && createMessageMasker('realtime', this.#look.scout);
    const maskSession = this.#parts.maskSessions.open(snapshot.maskingKey, session.name);
    const masker = createMasker(this.#look?.detector ?? snapshot.detector, verdict.mask, maskSession);
    this.#stale = false;
    // What a token stands for, and whether the caller may get it, is asked of the exchange that is current then.
    const restorer = createRestorer((token) => this.#exchange.tokenized?.find?.(token));
    this.#restoring = restores(this.#exchange) ? createMessageMasker('realtime', restorer) : undefined;
    return createMessageMasker('realtime', hideSecrets(masker, this.#secrets), this.#gate);
  }
}

function restores({ tokenized }: Exchange): boolean {
  return tokenized?.find !== undefined;
}

function forget(facts: ResponseFacts): void {
  facts.usage = undefined;
  facts.responseId = undefined;
  facts.callIds = [];
  facts.itemIds = [];
  facts.said = '';
  facts.failed = false;
}

/** What is learnt, and what is found from now on. */
function countingFrom(messages: MessageMasker): Reading {
  const before = messages.counts;
  return {
    facts: messages.facts,
    get counts() {
      return subtract(messages.counts, before);
    },
  };
}

function subtract(counts: FindingCounts, before: FindingCounts): FindingCounts {
  const entries = Object.entries(counts) as [keyof FindingCounts, number][];
  return Object.fromEntries(
    entries
      .map(([entity, count]) => [entity, count - (before[entity] ?? 0)])
      .filter(([, count]) => count !== 0),
  );
}
