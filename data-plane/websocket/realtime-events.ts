import { ANSWER_SEGMENTS } from '#core/phi/external/segment.ts';
import { createMasker, type FindingCounts, type MaskPlan } from '#core/phi/mask.ts';
import { isSameMask, uniteMasks } from '#core/policy/mask.ts';
import { OpaqueGate } from '#core/provider/openai/content/gate.ts';
import { createMessageMasker, type MessageMasker } from '#core/provider/openai/messages.ts';
import { isSpoken } from '#core/provider/openai/realtime-message.ts';
import { hideSecrets } from '#core/provider/openai/secret-masker.ts';
import { lookAhead } from '../detector/look-ahead.ts';
import type { Lookahead } from '../detector/lookahead.ts';
import type { Exchange } from '../exchange.ts';
import type { Reading } from '../mask/deliver.ts';
import type { Parts } from '../parts.ts';
import { allowsOpaque, opaqueDenied } from '../policy/opaque.ts';
import { maskMessage } from './deliver.ts';

/** The provider's events of a session on their way to the caller: masked, and the state of that. */
export class ServerEvents {
  /** A response is under way. */
  speaking = false;
  readonly #parts: Parts;
  #exchange: Exchange;
  /** What policy wants masked for any of what the caller has sent: what was told once may be answered at any time. */
  #plan: MaskPlan;
  /** For any of it nothing may pass that the external detector has not seen. */
  #required: boolean;
  /** What the caller has told in confidence, in this session. */
  #secrets: readonly string[] = [];
  /** The masker does not know all of that yet. */
  #stale = false;
  #gate: OpaqueGate | undefined;
  #messages: MessageMasker;
  #look: Lookahead | undefined;
  #scout: MessageMasker | undefined;
  /** Counts of the masker at the beginning of what is read now, and of those that it replaced since. */
  #before: FindingCounts = {};
  #retired: FindingCounts = {};

  constructor(parts: Parts, exchange: Exchange) {
    this.#parts = parts;
    this.#exchange = exchange;
    this.#plan = exchange.verdict.mask;
    this.#required = exchange.verdict.externalRequired;
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

  /** As soon as no text is held back, events are masked as policy has it for this exchange too. */
  goOn(exchange: Exchange): void {
    const { snapshot } = this.#exchange;
    this.#exchange = exchange;
    // What a session was told stays in it, and may be said again at any time.
    const plan = uniteMasks([this.#plan, exchange.verdict.mask]);
    const required = this.#required || exchange.verdict.externalRequired;
    const secrets = [...new Set([...this.#secrets, ...exchange.received.content.secretTexts])];
    this.#stale ||=
      !isSameMask(plan, this.#plan) ||
      secrets.length > this.#secrets.length ||
      exchange.snapshot.detector !== snapshot.detector ||
      required !== this.#required;
    this.#plan = plan;
    this.#required = required;
    this.#secrets = secrets;
  }

  /** A gate for what cannot be read from now on, by the policy of this exchange; it notes what goes through. */
  openGate(): OpaqueGate {
    this.#gate = new OpaqueGate(this.#exchange.verdict.opaque, false);
    this.#messages.use(this.#gate);
    return this.#gate;
  }

  /**
   * Masks an event; the messages that may go out now.
   * Throws GatewayError `policy_denied` for sound that policy does not allow, and as `maskMessage` does.
   */
  async push(message: string): Promise<string[]> {
    if (this.#stale && this.#messages.quiet) this.#replace();
    const out = await maskMessage(message, this.#messages, this.#look, this.#scout);
    const { type } = this.#messages;
    if (isSpoken(type) && !allowsOpaque(this.#exchange.verdict, 'audio')) throw opaqueDenied('audio');
    if (type === 'response.created') this.speaking = true;
    if (this.complete) this.speaking = false;
    return out;
  }

  /** What is masked and learnt from now on, for the record of an exchange that begins. */
  read(): Reading {
    // A response after which nothing is held back ends what its repetitions are known by.
    if ((this.#messages.complete || this.#stale) && this.#messages.quiet) this.#messages = this.#renew();
    this.#before = this.#messages.counts;
    this.#retired = {};
    const { facts } = this.#messages;
    facts.usage = undefined;
    facts.responseId = undefined;
    facts.callIds = [];
    facts.itemIds = [];
    facts.said = '';
    facts.failed = false;
    const now = () => this.#messages.facts;
    const counted = () => this.#counted();
    return {
      get facts() {
        return now();
      },
      get counts() {
        return counted();
      },
    };
  }

  #counted(): FindingCounts {
    return add(this.#retired, this.#messages.counts, this.#before);
  }

  /** Another masker goes on with the exchange that is current. */
  #replace(): void {
    const { facts } = this.#messages;
    this.#retired = this.#counted();
    this.#before = {};
    this.#messages = this.#renew();
    Object.assign(this.#messages.facts, facts);
  }

  #renew(): MessageMasker {
    const { snapshot, session, arrival } = this.#exchange;
    this.#look = lookAhead(this.#parts, snapshot, ANSWER_SEGMENTS, this.#required, arrival);
    this.#scout = this.#look && createMessageMasker('realtime', this.#look.scout);
    const maskSession = this.#parts.maskSessions.open(snapshot.maskingKey, session.name);
    const masker = createMasker(this.#look?.detector ?? snapshot.detector, this.#plan, maskSession);
    this.#stale = false;
    return createMessageMasker('realtime', hideSecrets(masker, this.#secrets), this.#gate);
  }
}

/** These and those counts, less others. */
function add(some: FindingCounts, more: FindingCounts, less: FindingCounts): FindingCounts {
  const names = new Set([...Object.keys(some), ...Object.keys(more)]) as Set<keyof FindingCounts>;
  return Object.fromEntries(
    Array.from(
      names,
      (name) => [name, (some[name] ?? 0) + (more[name] ?? 0) - (less[name] ?? 0)] as const,
    ).filter(([, count]) => count !== 0),
  );
}
