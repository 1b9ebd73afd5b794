import { GatewayError } from '#core/provider/openai/error.ts';

/** What was approved is not what the policy that is in force would ask for. */
export function policyChanged(): GatewayError {
  return new GatewayError('approval_denied', 'Policy changed while this request was held; send it again.');
}
