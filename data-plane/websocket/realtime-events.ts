import { ANSWER_SEGMENTS } from '#core/phi/external/segment.ts';
import { createMasker, type MaskPlan } from '#core/phi/mask.ts';
import { createRestorer } from '#core/phi/token/restore.ts';
import { isSameMask, uniteMasks } from '#core/policy/mask.ts';
import type { Naming } from '#core/provider/openai/answer/naming.ts';
import type { ResponseFacts } from '#core/provider/openai/answer/response.ts';
import { hideSecrets } from '#core/provider/openai/answer/secret-masker.ts';
import { OpaqueGate } from '#core/provider/openai/content/gate.ts';
import type { OpaqueKind } from '#core/provider/openai/content/kind.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import { countChars, MAX_SECRET_CHARS } from '#core/provider/openai/secrets.ts';
import { createMessageMasker, type MessageMasker } from '#core/provider/openai/stream/messages.ts';
import { type Lookahead, lookAhead } from '../detector/lookahead.ts';
import type { Exchange } from '../exchange.ts';
import { closing } from '../mask/closing.ts';
import type { Reading } from '../mask/deliver.ts';
import { namingOf } from '../mask/naming.ts';
import type { Parts } from '../parts.ts';
import { maskMessage } from './deliver.ts';
import { Tally } from './tally.ts';

/** What goes through where no policy says: all but sound, which has no marks to tell it by and may be `other`. */
const UNSPOKEN: ReadonlySet<OpaqueKind> = new Set<OpaqueKind>(['image', 'video', 'pdf']);

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
  /** What policy wants masked for any of what the caller has sent: what was told once may be answered at any time. */
  #plan: MaskPlan;
  /** For any of it nothing may pass that the external detector has not seen. */
  #required: boolean;
  readonly #credentials: readonly string[];
  /** What the caller has told in confidence, in this session. */
  #secrets: readonly string[] = [];
  /** Of the tools that the session, or a response, was given last. */
  #naming: Naming;
  /** The masker does not know all of that yet. */
  #stale = false;
  #gate: OpaqueGate | undefined;
  #messages: MessageMasker;
  /** Takes what is masked, and puts values where tokens stand, for the caller alone. */
  #restoring: MessageMasker | undefined;
  #look: Lookahead | undefined;
  #scout: MessageMasker | undefined;
  /** What is found, and what is restored, in what is read now. */
  readonly #found = new Tally();
  readonly #restored = new Tally();

  /** @param credentials with which the provider was called */
  constructor(parts: Parts, exchange: Exchange, credentials: readonly string[]) {
    this.#parts = parts;
    this.#credentials = credentials;
    this.#exchange = exchange;
    this.#plan = exchange.verdict.mask;
    this.#required = exchange.verdict.externalRequired;
    this.#secrets = exchange.received.content.secretTexts;
    this.#naming = namingOf(exchange.received, exchange.snapshot);
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

  /**
   * Throws GatewayError `invalid_request` where these credentials, with those that the session was told before, are more than may
   * be looked for: a session keeps them to its end.
   */
  requireRoom(secretTexts: readonly string[]): void {
    if (secretTexts.length === 0 || countChars(this.#secretsWith(secretTexts)) <= MAX_SECRET_CHARS) return;
    throw new GatewayError(
      'invalid_request',
      `The credentials of tools in this session have more than ${MAX_SECRET_CHARS} characters: send others on a new connection.`,
    );
  }

  /** As soon as no text is held back, events are masked as policy has it for this exchange too. */
  goOn(exchange: Exchange): void {
    this.#noteForgotten();
    const { snapshot } = this.#exchange;
    this.#exchange = exchange;
    // What a session was told stays in it, and may be said again at any time.
    const plan = uniteMasks([this.#plan, exchange.verdict.mask]);
    const required = this.#required || exchange.verdict.externalRequired;
    const secrets = this.#secretsWith(exchange.received.content.secretTexts);
    const naming = namingOf(exchange.received, exchange.snapshot);
    const givesTools = naming.tools.size > 0 || naming.learns === true;
    this.#stale ||=
      givesTools ||
      !isSameMask(plan, this.#plan) ||
      secrets.length > this.#secrets.length ||
      exchange.snapshot.detector !== snapshot.detector ||
      required !== this.#required ||
      restores(exchange) !== (this.#restoring !== undefined);
    this.#plan = plan;
    this.#required = required;
    this.#secrets = secrets;
    if (givesTools) this.#naming = naming;
  }

  /** A gate for what cannot be read from now on, by the policy of this exchange; it notes what goes through. */
  openGate(): OpaqueGate {
    this.#gate = new OpaqueGate(this.#exchange.verdict.opaque ?? UNSPOKEN, false);
    this.#messages.use(this.#gate);
    return this.#gate;
  }

  /**
   * Masks an event, and restores its tokens; the messages that may go out now.
   * Throws as `maskMessage` does: GatewayError `opaque_answer` for sound that policy does not allow.
   */
  async push(message: string): Promise<Said> {
    if (this.#stale && this.#isQuiet) this.#replace();
    const masked = await maskMessage(message, this.#messages, this.#look, this.#scout);
    if (this.#messages.type === 'response.created') this.speaking = true;
    if (this.complete) this.speaking = false;
    const restoring = this.#restoring;
    return { masked, shown: restoring && masked.map((text) => closing(() => restoring.push(text))) };
  }

  /** What is masked and learnt from now on, for the record of an exchange that begins. */
  read(): Reading {
    this.#noteForgotten();
    // A response after which nothing is held back ends what its repetitions are known by.
    if ((this.#messages.complete || this.#stale) && this.#isQuiet) this.#replace();
    this.#found.begin();
    this.#restored.begin();
    forget(this.#messages.facts);
    if (this.#restoring !== undefined) forget(this.#restoring.facts);
    const facts = () => this.#facts;
    const [found, restored] = [this.#found, this.#restored];
    return {
      get facts() {
        return facts();
      },
      get counts() {
        return found.counts;
      },
      get restored() {
        return restored.counts;
      },
    };
  }

  #secretsWith(secretTexts: readonly string[]): readonly string[] {
    return [...new Set([...this.#secrets, ...secretTexts])];
  }

  /** No text is held back. */
  get #isQuiet(): boolean {
    return this.#messages.quiet && this.#restoring?.quiet !== false;
  }

  /** As the caller gets it. */
  get #facts(): ResponseFacts {
    return (this.#restoring ?? this.#messages).facts;
  }

  /** Values that were shown before, and were erased since, are not shown again where their text is. */
  #noteForgotten(): void {
    if (this.#exchange.tokenized?.map.isForgotten) this.#stale = true;
  }

  /** Others go on with the exchange that is current, and with what was learnt of it. */
  #replace(): void {
    const facts = this.#facts;
    this.#messages = this.#renew();
    for (const messages of [this.#messages, this.#restoring]) {
      if (messages !== undefined) Object.assign(messages.facts, structuredClone(facts));
    }
  }

  #renew(): MessageMasker {
    const { snapshot, session, arrival } = this.#exchange;
    this.#look = lookAhead(this.#parts, snapshot, ANSWER_SEGMENTS, this.#required, arrival);
    this.#scout = this.#look && createMessageMasker('realtime', this.#look.scout);
    const maskSession = this.#parts.maskSessions.open(snapshot.maskingKey, session.name);
    const detector = this.#look?.detector ?? snapshot.detector;
    const masker = createMasker(detector, this.#plan, maskSession, this.#naming.schemaKeys);
    this.#stale = false;
    // What a token stands for, and whether the caller may get it, is asked of the exchange that is current then.
    const restorer = createRestorer((token) => this.#exchange.tokenized?.find?.(token));
    this.#restoring = restores(this.#exchange) ? createMessageMasker('realtime', restorer) : undefined;
    const hiding = hideSecrets(masker, this.#secrets, this.#credentials);
    const messages = createMessageMasker('realtime', hiding, this.#gate, this.#naming);
    this.#found.follow(messages);
    this.#restored.follow(this.#restoring);
    return messages;
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
