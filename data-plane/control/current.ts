import { GatewayError } from '#core/provider/openai/error.ts';
import type { CompiledSnapshot, Control } from './control.ts';

/** The configuration in force. Throws GatewayError `not_ready`. */
export function currentSnapshot(control: Control): CompiledSnapshot {
  const snapshot = control.current();
  if (snapshot !== undefined) return snapshot;
  throw new GatewayError('not_ready', 'This plane has no current configuration from its control plane.');
}
