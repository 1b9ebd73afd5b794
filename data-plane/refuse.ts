import type { Logger } from 'pino';
import { GatewayError } from '#core/provider/openai/error.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { describeError } from '../program/log.ts';
import { describeFailure } from './control/reason.ts';
import { type Arrival, CLIENT_GONE } from './exchange.ts';
import type { Answer, AnswerFacts } from './listener/answer.ts';
import { statusOf, type Trail } from './record/trail.ts';

/** The caller's side of an exchange that ends with an error. */
export type RefusedAnswer = AnswerFacts & Pick<Answer, 'prepareError' | 'finish'>;

/**
 * Ends an exchange that something thrown has stopped: makes it durable how, then tells the caller.
 * Whatever was thrown, the caller gets a closed code and never the thrown words of a fault of ours.
 */
export async function refuse(
  thrown: unknown,
  arrival: Arrival,
  answer: RefusedAnswer,
  trail: Trail,
  logger: Logger,
): Promise<void> {
  if (arrival.signal.aborted && arrival.signal.reason === CLIENT_GONE) {
    await conclude(OutcomeStatus.CLIENT_GONE, arrival, answer, trail, logger);
    return;
  }
  const error = toGatewayError(thrown, arrival, logger);
  answer.prepareError(error);
  const recorded = await conclude(statusOf(error, trail.known), arrival, answer, trail, logger);
  if (!recorded && error.code !== 'record_failed') {
    const message = 'The record of this request cannot be written, so it does not go on.';
    answer.prepareError(new GatewayError('record_failed', message));
  }
  answer.finish();
}

async function conclude(
  status: OutcomeStatus,
  arrival: Arrival,
  answer: AnswerFacts,
  trail: Trail,
  logger: Logger,
): Promise<boolean> {
  try {
    await trail.conclude(status, answer);
    return true;
  } catch {
    logger.error(
      { exchange: arrival.id, code: 'record_failed' },
      'the end of an exchange could not be recorded',
    );
    return false;
  }
}

function toGatewayError(thrown: unknown, arrival: Arrival, logger: Logger): GatewayError {
  if (arrival.signal.reason instanceof GatewayError) return arrival.signal.reason;
  if (arrival.signal.aborted) {
    return new GatewayError('draining', 'This plane is stopping; send the request again.');
  }
  if (thrown instanceof GatewayError) {
    if (thrown.code === 'approval_unavailable' && thrown.cause !== undefined) {
      const { code: status, ...why } = describeFailure(thrown.cause);
      const facts = { exchange: arrival.id, code: thrown.code, status, ...why };
      logger.warn(facts, 'no approval could be asked for or used');
    }
    return thrown;
  }
  // The words of an unexpected error may quote what was being read, so only its kind and place are logged.
  const fault = describeError(thrown);
  logger.error({ exchange: arrival.id, code: 'internal', fault }, 'an exchange was closed by a fault');
  return new GatewayError('internal', 'Sworn failed on this request and closed it.', { cause: thrown });
}
