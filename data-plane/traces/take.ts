import { createMasker } from '#core/phi/mask.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import { parseBody } from '#core/provider/openai/request/request.ts';
import { maskTraces } from '#core/provider/openai/request/traces.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import type { Lookahead } from '../detector/lookahead.ts';
import { type Exchange, requireCaller } from '../exchange.ts';
import type { Answer } from '../listener/answer.ts';
import type { MaskSessions } from '../mask/sessions.ts';
import type { Trail } from '../record/trail.ts';

/** The SDKs want any 2xx, and read no more. */
const ACCEPTED = Buffer.from('{}');

/**
 * Takes an export of traces in: records it, with what ties it to exchanges, and answers. Where policy lets it go on, gives
 * the exchange with its body masked instead, for the provider to answer.
 *
 * @throws GatewayError `record_failed`, `low_space`, `internal` (it cannot be masked), and what the external detector says
 */
export async function takeTraces(
  sessions: MaskSessions,
  exchange: Exchange,
  answer: Answer,
  trail: Trail,
  look: Lookahead | undefined,
): Promise<Exchange | undefined> {
  trail.known.traces = exchange.session.traces;
  await trail.intend();
  if (exchange.verdict.forwardsTraces) return await maskExport(sessions, exchange, look);
  requireCaller(exchange.arrival);
  answer.prepareWhole(200, { 'content-type': 'application/json' }, ACCEPTED);
  await trail.conclude(OutcomeStatus.COMPLETED, answer);
  answer.finish();
  return undefined;
}

async function maskExport(
  sessions: MaskSessions,
  exchange: Exchange,
  look: Lookahead | undefined,
): Promise<Exchange> {
  const { received, snapshot, session, verdict } = exchange;
  const body = parseBody(received.body);
  try {
    if (look !== undefined) maskTraces(body, look.scout);
    await look?.answer();
    const maskSession = sessions.open(snapshot.maskingKey, session.name);
    const masker = createMasker(look?.detector ?? snapshot.detector, verdict.mask, maskSession);
    const outgoing = { ...received.content.outgoing, body: maskTraces(body, masker) };
    return { ...exchange, received: { ...received, content: { ...received.content, outgoing } } };
  } catch (cause) {
    if (cause instanceof GatewayError) throw cause;
    throw new GatewayError('internal', 'The traces could not be masked, so they did not go on.', { cause });
  }
}
