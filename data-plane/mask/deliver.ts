import type { FindingCounts } from '#core/phi/mask.ts';
import { maskResponse, type ResponseFacts } from '#core/provider/openai/answer/response.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import { asksForOne } from '#core/provider/openai/parameters/read.ts';
import type { Target } from '#core/provider/openai/request/target.ts';
import type { Route } from '#core/provider/openai/routes/route.ts';
import { ANSWERS } from '#core/provider/openai/routes/texts.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';
import type { Arrival, Received } from '../exchange.ts';
import type { Answer } from '../listener/answer.ts';
import type { UpstreamAnswer } from '../upstream/call.ts';
import { closing as mask } from './closing.ts';
import { deliverStream, join } from './deliver-stream.ts';
import { readFile, restoreFile } from './file.ts';
import { type DeliveryLimits, LIMITS, tooLarge } from './limits.ts';
import type { Ways } from './ways.ts';

/** What is masked and learnt; while a stream runs, so far. */
export interface Reading {
  readonly counts: FindingCounts;
  /** Of the answer as the caller gets it, which is what they refer to later. */
  readonly facts: ResponseFacts;
  /** What of the request's values the caller gets again in the place of tokens. */
  readonly restored?: FindingCounts;
}

/**
 * Hands the answer on, masked. A stream goes out as it comes, but for its terminal event: the end of every
 * answer is only prepared, for the caller of this function to finish when the outcome is durable.
 * `onReading` is told once what will be read; its values grow with a stream. Resolves with whether the provider
 * answered with an error. Throws GatewayError `upstream_unreadable`, `upstream_disconnected`, `upstream_timeout`,
 * `detector_unavailable`, `opaque_answer` or `too_much_under_way`.
 */
export async function deliver(
  upstream: UpstreamAnswer,
  arrival: Arrival,
  received: Received,
  ways: Ways,
  answer: Answer,
  onReading: (reading: Reading) => void,
  limits = LIMITS,
): Promise<boolean> {
  const { target, content } = received;
  const hasOneChoice = asksForOne(content.parameters);
  const delivery = { upstream, arrival, target, hasOneChoice, ways, answer, onReading, limits };
  switch (formOf(upstream, target.route)) {
    case 'file':
      return await deliverFile(delivery);
    case 'stream':
      return await deliverEvents(delivery);
    case 'message':
      return await deliverMessage(delivery);
    case undefined:
      upstream.discard();
      throw new GatewayError(
        'upstream_unreadable',
        `The provider answered ${upstream.status} in a form that cannot be read, so it was not passed on.`,
      );
  }
}

/** An answer on its way to the caller. */
interface Delivery {
  readonly upstream: UpstreamAnswer;
  readonly arrival: Arrival;
  readonly target: Target;
  readonly hasOneChoice: boolean;
  readonly ways: Ways;
  readonly answer: Answer;
  readonly onReading: (reading: Reading) => void;
  readonly limits: DeliveryLimits;
}

/** As what an answer is read: content that is no message of the API, events, or a message; undefined where it is none of these. */
function formOf(
  { status, mediaType }: UpstreamAnswer,
  route: Route,
): 'file' | 'stream' | 'message' | undefined {
  const isJson = mediaType === 'application/json' || mediaType.endsWith('+json');
  const isEvents = mediaType === 'text/event-stream';
  const { bare } = ANSWERS[route.answer];
  const isBare = bare === 'any' || (bare === 'text' && !isJson);
  if (status === 200 && isBare && !(isEvents && route.streams !== 'never')) return 'file';
  const isGood = status >= 200 && status < 300;
  if (isGood && isEvents) return 'stream';
  const isError = status >= 400 && status < 600;
  return (isGood && (isJson || mayBeEmpty(route))) || (isError && isJson) ? 'message' : undefined;
}

/** Some providers say no more of a deletion, or of traces, than that it is done. */
function mayBeEmpty({ answer }: Route): boolean {
  return answer === 'deletion' || answer === 'acceptance';
}

async function deliverFile({
  upstream,
  arrival,
  ways: { restorer, ...ways },
  answer,
  onReading,
  limits,
}: Delivery): Promise<boolean> {
  if (answer.begun) throw noStream();
  const file = await readFile(upstream, await collect(upstream, limits, arrival.hold), ways);
  if (file.body.length > limits.maxBytes) throw tooLarge();
  const shown = restorer && (await restoreFile(file, restorer));
  onReading(readingOf(file, shown));
  const headers = { ...upstream.headers, 'content-type': file.contentType };
  answer.prepareWhole(200, headers, file.body, shown?.body);
  return false;
}

async function deliverEvents({
  upstream,
  arrival,
  target: { route, startingAfter },
  hasOneChoice,
  ways: { masker, gate, look, restorer, naming },
  answer,
  onReading,
  limits,
}: Delivery): Promise<boolean> {
  // The caller counts the events that they got.
  const counted = { startingAfter, hasOneChoice };
  const options = { ...(restorer ? { hasOneChoice } : counted), gate, naming };
  const stream = createStreamMasker(route, masker, options);
  const shown = restorer && createStreamMasker(route, restorer, counted);
  onReading(readingOf(stream, shown));
  const ahead = look && { look, stream: createStreamMasker(route, look.scout, { hasOneChoice }) };
  await deliverStream(upstream, arrival, { stream, shown, ahead }, answer, limits);
  return stream.facts.failed;
}

async function deliverMessage({
  upstream,
  arrival,
  target: { route },
  ways: { masker, gate, look, restorer, naming },
  answer,
  onReading,
  limits,
}: Delivery): Promise<boolean> {
  const body = await collect(upstream, limits, arrival.hold);
  if (body.length === 0 && upstream.status < 300 && mayBeEmpty(route)) {
    answer.prepareWhole(200, { ...upstream.headers, 'content-type': 'application/json' }, body);
    return false;
  }
  if (look !== undefined) {
    mask(() => maskResponse(route, body, look.scout));
    await look.answer();
  }
  const masked = mask(() => maskResponse(route, body, masker, gate, naming));
  if (masked.body.length > limits.maxBytes) throw tooLarge();
  const shown = restorer && mask(() => maskResponse(route, masked.body, restorer));
  onReading(readingOf(masked, shown));
  prepareWhole(upstream, masked.body, shown?.body, answer);
  return upstream.status >= 400 || masked.facts.failed;
}

/** What is known of an answer that is masked, and then shown with values. */
export function readingOf(masked: Reading, shown: Reading | undefined): Reading {
  if (shown === undefined) return masked;
  return {
    facts: shown.facts,
    get counts() {
      return masked.counts;
    },
    get restored() {
      return shown.counts;
    },
  };
}

function prepareWhole(
  upstream: UpstreamAnswer,
  body: Uint8Array,
  shown: Uint8Array | undefined,
  answer: Answer,
): void {
  if (!answer.begun) {
    const headers = { ...upstream.headers, 'content-type': 'application/json' };
    answer.prepareWhole(upstream.status, headers, body, shown);
  } else if (upstream.status >= 400) {
    // The caller was promised a stream while it was held, so the status can only be told in an event.
    answer.prepareProviderError(body);
  } else {
    throw noStream();
  }
}

function noStream(): GatewayError {
  return new GatewayError('upstream_unreadable', 'The provider sent no stream to a request for one.');
}

async function collect(
  upstream: UpstreamAnswer,
  limits: DeliveryLimits,
  hold: Arrival['hold'],
): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of upstream.read()) {
    size += piece.length;
    if (size > limits.maxBytes) throw tooLarge();
    hold.take(piece.length);
    pieces.push(piece);
  }
  return join(pieces);
}
