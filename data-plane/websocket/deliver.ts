import { maskResponse, type ResponseFacts } from '#core/provider/openai/answer/response.ts';
import { createMessageMasker, type MessageMasker } from '#core/provider/openai/stream/messages.ts';
import type { Lookahead } from '../detector/lookahead.ts';
import type { Arrival, Exchange } from '../exchange.ts';
import { STALLED_MS } from '../listener/answer.ts';
import { closing } from '../mask/closing.ts';
import { type Reading, readingOf } from '../mask/deliver.ts';
import { taken } from '../mask/deliver-stream.ts';
import { tooLarge } from '../mask/limits.ts';
import { type Ways, waysOf } from '../mask/ways.ts';
import type { Parts } from '../parts.ts';
import { FRAME_BYTES, MAX_CONTENT_BYTES } from '../record/size.ts';
import type { Trail } from '../record/trail.ts';
import type { DialRefusal, UpstreamSocket } from '../upstream/dial.ts';
import type { SocketAnswer } from './answer.ts';

/** An answer that comes in messages, on its way to the caller. */
export interface MessageDelivery {
  readonly upstream: UpstreamSocket;
  readonly arrival: Arrival;
  readonly ways: Ways;
  readonly answer: SocketAnswer;
  /** Is told once what is read; its values grow. */
  readonly onReading: (reading: Reading) => void;
  /** The id of the response before, where an error ended it. */
  readonly broken: string | undefined;
}

/**
 * Hands the events of one response on, masked, each when it comes, but for the terminal one: that is only prepared, for the
 * caller of this function to finish when the outcome is durable. Resolves with what is known of the answer, and whether an error broke it off.
 * Throws GatewayError `upstream_unreadable`, `upstream_disconnected`, `upstream_timeout`, `detector_unavailable` or
 * `too_much_under_way`.
 */
export async function deliverMessages(
  delivery: MessageDelivery,
): Promise<{ readonly facts: ResponseFacts; readonly broken: boolean }> {
  const { upstream, arrival, answer, broken } = delivery;
  const { masker, gate, look, restorer, naming } = delivery.ways;
  const messages = createMessageMasker('responses', masker, gate, naming);
  const scout = look && createMessageMasker('responses', look.scout);
  const restoring = restorer && createMessageMasker('responses', restorer);
  delivery.onReading(readingOf(messages, restoring));
  /** As the caller gets it: values may be longer than their tokens. */
  const show = (masked: string) => restoring && closing(() => restoring.push(masked));
  let came = 0;
  let went = 0;
  for (;;) {
    const message = await upstream.take(arrival.signal, true);
    came += Buffer.byteLength(message);
    if (came > MAX_CONTENT_BYTES) throw tooLarge();
    // What has gone out is kept until the record has it.
    arrival.hold.take(Buffer.byteLength(message) + FRAME_BYTES);
    if (broken !== messages.facts.responseId && isFailureOf(message, broken)) continue;
    const out = await maskMessage(message, messages, look, scout);
    for (const text of out) went += Buffer.byteLength(text) + FRAME_BYTES;
    if (went > MAX_CONTENT_BYTES) throw tooLarge();
    arrival.signal.throwIfAborted();
    if (messages.complete) {
      answer.prepareEnd(out, restoring && out.flatMap((text) => show(text) ?? []));
      return { facts: (restoring ?? messages).facts, broken: messages.type === 'error' };
    }
    for (const text of out) await taken(answer.write(text, show(text)), arrival, STALLED_MS);
  }
}

/** Masks a message, which the external detector has seen before. */
export async function maskMessage(
  message: string,
  messages: MessageMasker,
  look: Lookahead | undefined,
  scout: MessageMasker | undefined,
): Promise<string[]> {
  if (look !== undefined && scout !== undefined) {
    closing(() => scout.push(message));
    await look.answer();
  }
  return closing(() => messages.push(message));
}

/** Prepares, for the caller, the provider's answer to a handshake that was none, masked. */
export async function prepareRefusal(
  parts: Parts,
  { status, body, credentials }: DialRefusal,
  exchange: Exchange,
  answer: SocketAnswer,
  trail: Trail,
): Promise<void> {
  const { route } = exchange.received.target;
  const { masker, gate, look, naming } = waysOf(parts, exchange, credentials);
  if (look !== undefined && body.length > 0) {
    closing(() => maskResponse(route, body, look.scout));
    await look.answer();
  }
  const masked =
    body.length === 0 ? undefined : closing(() => maskResponse(route, body, masker, gate, naming));
  if (masked !== undefined) trail.known.reading = masked;
  answer.prepareProviderError(masked?.body ?? body, status >= 400 && status < 600 ? status : 502);
}

/** An error may be followed by the failure of its response. */
function isFailureOf(message: string, response: string | undefined): boolean {
  if (response === undefined || !message.includes('response.failed')) return false;
  try {
    const event = JSON.parse(message);
    return event?.type === 'response.failed' && event.response?.id === response;
  } catch {
    return false;
  }
}
