import { OutcomeStatus, type Record, RecordKind } from '#proto/sworn/audit/v1/record_pb.ts';
import type { RecordFields } from './recorder.ts';

/** The outcome of an exchange whose plane stopped in the middle. */
export function interruptedOutcome(intent: Record): RecordFields {
  const { session, sessionSource, exchange, route, model, stream, policyRevision, approval } = intent;
  return {
    kind: RecordKind.OUTCOME,
    session,
    sessionSource,
    exchange,
    route,
    model,
    stream,
    policyRevision,
    approval,
    ...(intent.caller === undefined ? {} : { caller: intent.caller }),
    ...(intent.decision === undefined ? {} : { decision: intent.decision }),
    outcome: { status: OutcomeStatus.INTERRUPTED },
  };
}
