import { GatewayError } from '#core/provider/openai/error.ts';
import type { Verdict } from '../exchange.ts';

/** True when policy lets content of this kind pass, which can be neither read nor masked. */
export function allowsOpaque(verdict: Verdict, kind: 'audio'): boolean {
  return verdict.opaque?.has(kind) ?? false;
}

/** The refusal of content of a kind that no policy lets pass. */
export function opaqueDenied(kind: 'audio'): GatewayError {
  const message = `Sworn cannot read ${kind}, and no policy allows it here (spec.opaque.allow: [${kind}]).`;
  return new GatewayError('policy_denied', message);
}
