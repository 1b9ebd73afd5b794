import { findTlsFault, TLS_FAULTS, type TlsFault } from '../../program/connection-fault.ts';
import { CommandFailure, EXIT } from '../failure.ts';

const HINTS: Readonly<Record<TlsFault, string>> = {
  unknown_authority: '--ca FILE, or SWORN_CA, with the PEM of the authority that issued it',
  other_name: 'check the host in --control-plane and SWORN_CONTROL_PLANE',
  not_now: 'check the clock, or have it renewed',
  no_tls: 'check --control-plane and SWORN_CONTROL_PLANE: http:// perhaps, or another port',
};

/** The failure of a command whose control plane shows a certificate that does not hold, or none; undefined for any other error. */
export function explainTls(error: unknown, controlPlane: string): CommandFailure | undefined {
  const fault = findTlsFault(error);
  if (fault === undefined) return undefined;
  return new CommandFailure(`the control plane at ${controlPlane} cannot be trusted: ${TLS_FAULTS[fault]}`, {
    exitCode: EXIT.unavailable,
    code: 'unavailable',
    hint: HINTS[fault],
    cause: error,
  });
}
