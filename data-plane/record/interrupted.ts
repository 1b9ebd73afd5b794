import { OutcomeStatus, type Record, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import { closeParts, type SealedContent } from './exchange-seal.ts';
import type { RecordFields } from './fields.ts';

/** The outcome of an exchange whose plane stopped in the middle. */
export function interruptedOutcome(intent: Record): RecordFields {
  const { session, sessionSource, sessionCertainty, exchange, route, model } = intent;
  const { stream, policyRevision, approval, breakGlass } = intent;
  return {
    kind: RecordKind.OUTCOME,
    session,
    sessionSource,
    sessionCertainty,
    exchange,
    route,
    model,
    stream,
    policyRevision,
    approval,
    breakGlass,
    ...(intent.caller === undefined ? {} : { caller: intent.caller }),
    ...(intent.decision === undefined ? {} : { decision: intent.decision }),
    outcome: { status: OutcomeStatus.INTERRUPTED },
  };
}

/**
 * What was delivered of an exchange whose plane stopped in the middle, of what the frame log had: first what opens the
 * pieces, then these. Undefined when nothing was delivered.
 */
export function interruptedDelivery([header, ...parts]: readonly Uint8Array[]): SealedContent | undefined {
  if (header === undefined || parts.length === 0) return undefined;
  return closeParts(header, parts);
}
