import { ANSWER_SEGMENTS } from '#core/phi/external/segment.ts';
import { createMasker, type Masker } from '#core/phi/mask.ts';
import type { Naming } from '#core/provider/openai/answer/naming.ts';
import { hideSecrets } from '#core/provider/openai/answer/secret-masker.ts';
import { OpaqueGate } from '#core/provider/openai/content/gate.ts';
import { type Lookahead, lookAhead } from '../detector/lookahead.ts';
import type { Exchange } from '../exchange.ts';
import type { Parts } from '../parts.ts';
import { namingOf } from './naming.ts';

/** What an answer goes through. */
export interface Ways {
  /** With a lookahead one that knows its answers. */
  readonly masker: Masker;
  /** Takes what cannot be read. */
  readonly gate: OpaqueGate;
  /** Shows every text to the external detector before it is masked. */
  readonly look: Lookahead | undefined;
  /** Puts values where tokens stand, for the caller alone: records have what comes before it. */
  readonly restorer: Masker | undefined;
  readonly naming: Naming;
}

/**
 * What the answer to an exchange goes through, as policy has it.
 *
 * @param credentials with which the provider was called
 */
export function waysOf(parts: Parts, exchange: Exchange, credentials: readonly string[]): Ways {
  const { arrival, received, verdict, session, snapshot, tokenized } = exchange;
  const { route } = received.target;
  // Names of models have dates in them, and no text is with them.
  const isAboutModels = route.path.startsWith('/models');
  const look = isAboutModels
    ? undefined
    : lookAhead(parts, snapshot, ANSWER_SEGMENTS, verdict.externalRequired, arrival);
  const detector = look?.detector ?? snapshot.detector;
  const maskSession = parts.maskSessions.open(snapshot.maskingKey, session.name);
  const naming = namingOf(received, snapshot);
  const asPolicyWants = createMasker(detector, verdict.mask, maskSession, naming.schemaKeys);
  return {
    masker: hideSecrets(asPolicyWants, received.content.secretTexts, credentials),
    gate: new OpaqueGate(verdict.opaque, route.opaque === 'by policy'),
    look,
    restorer: tokenized?.restorer,
    naming,
  };
}
