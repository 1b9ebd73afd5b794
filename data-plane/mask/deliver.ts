import type { FindingCounts, Masker } from '#core/phi/mask.ts';
import type { OpaqueGate } from '#core/provider/openai/content/gate.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import { maskResponse, type ResponseFacts } from '#core/provider/openai/response.ts';
import { ANSWERS } from '#core/provider/openai/routes/texts.ts';
import { createStreamMasker, type StreamMasker } from '#core/provider/openai/stream.ts';
import type { Lookahead } from '../detector/lookahead.ts';
import type { Arrival, Received } from '../exchange.ts';
import type { Answer } from '../listener/answer.ts';
import type { UpstreamAnswer } from '../upstream/call.ts';
import { closing as mask } from './closing.ts';
import { readFile } from './file.ts';

/** What is masked and learnt; while a stream runs, so far. */
export interface Reading {
  readonly counts: FindingCounts;
  readonly facts: ResponseFacts;
}

/** Limits on an answer. */
export interface DeliveryLimits {
  /** Bytes as they came and, with what a record of them takes, as they go out: a record's payload has at most 64 MiB. */
  readonly maxBytes: number;
  /** Milliseconds. A caller that takes nothing of a stream for so long is gone, whatever its connection says. */
  readonly stalledMs: number;
}

const LIMITS: DeliveryLimits = { maxBytes: 60 * 1024 * 1024, stalledMs: 120_000 };
/** Of a frame in a record, beside its bytes, where each is sealed by itself: nonce, tag, lengths, time. */
const FRAME_BYTES = 64;
/** An upstream that keeps the connection open after its last event is not waited for any longer. */
const LINGER_MS = 250;

/**
 * Hands the answer on, masked. A stream goes out as it comes, but for its terminal event: the end of every
 * answer is only prepared, for the caller of this function to finish when the outcome is durable. With a lookahead
 * the external detector sees every text before it is masked; `masker` has to be one that knows its answers.
 * `gate` takes what cannot be read.
 * `onReading` is told once what will be read; its values grow with a stream. Resolves with whether the provider
 * answered with an error. Throws GatewayError `upstream_unreadable`, `upstream_disconnected`, `upstream_timeout`,
 * `detector_unavailable` or `opaque_answer`.
 */
export async function deliver(
  upstream: UpstreamAnswer,
  arrival: Arrival,
  received: Received,
  masker: Masker,
  gate: OpaqueGate,
  answer: Answer,
  onReading: (reading: Reading) => void,
  look?: Lookahead,
  limits = LIMITS,
): Promise<boolean> {
  const { status } = upstream;
  const { route, startingAfter } = received.target;
  const json = upstream.mediaType === 'application/json' || upstream.mediaType.endsWith('+json');
  const { bare } = ANSWERS[route.answer];
  const asStream = upstream.mediaType === 'text/event-stream' && route.streams !== 'never';
  if (status === 200 && !asStream && (bare === 'any' || (bare === 'text' && !json))) {
    if (answer.begun) throw noStream();
    const file = await readFile(upstream, await collect(upstream, limits), masker, gate, look);
    if (file.body.length > limits.maxBytes) throw tooLarge();
    onReading(file);
    answer.prepareWhole(200, { ...upstream.headers, 'content-type': file.contentType }, file.body);
    return false;
  }
  const answers = (status >= 200 && status < 300) || (status >= 400 && status < 600);
  if (answers && status < 300 && upstream.mediaType === 'text/event-stream') {
    const stream = createStreamMasker(route, masker, startingAfter, gate);
    onReading(stream);
    const ahead = look && { look, stream: createStreamMasker(route, look.scout) };
    await deliverStream(upstream, arrival, stream, answer, limits, ahead);
    return stream.facts.failed;
  }
  // Some providers say no more of a deletion, or of traces, than that it is done.
  const mayBeEmpty = status < 300 && (route.answer === 'deletion' || route.answer === 'acceptance');
  if (answers && (json || mayBeEmpty)) {
    const body = await collect(upstream, limits);
    if (mayBeEmpty && body.length === 0) {
      answer.prepareWhole(200, { ...upstream.headers, 'content-type': 'application/json' }, body);
      return false;
    }
    if (look !== undefined) {
      mask(() => maskResponse(route, body, look.scout));
      await look.answer();
    }
    const masked = mask(() => maskResponse(route, body, masker, gate));
    if (masked.body.length > limits.maxBytes) throw tooLarge();
    onReading(masked);
    prepareWhole(upstream, masked.body, answer);
    return upstream.status >= 400 || masked.facts.failed;
  }
  upstream.discard();
  throw new GatewayError(
    'upstream_unreadable',
    `The provider answered ${status} in a form that cannot be read, so it was not passed on.`,
  );
}

function prepareWhole(upstream: UpstreamAnswer, body: Uint8Array, answer: Answer): void {
  if (!answer.begun) {
    answer.prepareWhole(upstream.status, { ...upstream.headers, 'content-type': 'application/json' }, body);
  } else if (upstream.status >= 400) {
    // The caller was promised a stream while it was held, so the status can only be told in an event.
    answer.prepareProviderError(body);
  } else {
    throw noStream();
  }
}

/** What goes ahead of a stream. */
interface Ahead {
  readonly look: Lookahead;
  readonly stream: StreamMasker;
}

async function deliverStream(
  upstream: UpstreamAnswer,
  arrival: Arrival,
  stream: StreamMasker,
  answer: Answer,
  limits: DeliveryLimits,
  ahead: Ahead | undefined,
): Promise<void> {
  const pieces = upstream.read()[Symbol.asyncIterator]();
  let tail: Uint8Array | undefined;
  let came = 0;
  let went = 0;
  try {
    for (;;) {
      const next = tail === undefined ? await pieces.next() : await lingering(pieces.next());
      if (next === undefined || next.done === true) break;
      if (tail !== undefined) continue;
      came += next.value.length;
      if (came > limits.maxBytes) throw tooLarge();
      if (ahead !== undefined) await readAhead(ahead, (scout) => scout.push(next.value));
      const masked = mask(() => stream.push(next.value));
      went += masked.length + FRAME_BYTES;
      if (went > limits.maxBytes) throw tooLarge();
      if (arrival.signal.aborted) throw arrival.signal.reason;
      if (!answer.begun) answer.beginStream(upstream.headers);
      if (stream.complete) tail = masked;
      else await taken(answer.write(masked), arrival, limits.stalledMs);
    }
    if (ahead !== undefined) await readAhead(ahead, (scout) => scout.end());
    const rest = mask(() => stream.end());
    if (went + rest.length > limits.maxBytes) throw tooLarge();
    if (!answer.begun) answer.beginStream(upstream.headers);
    if (!stream.complete) {
      await taken(answer.write(rest), arrival, limits.stalledMs);
      throw new GatewayError('upstream_disconnected', 'The provider broke off before the end of its answer.');
    }
    answer.prepareEnd(tail === undefined ? rest : Buffer.concat([tail, rest]));
  } finally {
    upstream.end();
  }
}

/** Shows the next piece of a stream to the external detector. */
async function readAhead(ahead: Ahead, read: (scout: StreamMasker) => void): Promise<void> {
  mask(() => read(ahead.stream));
  await ahead.look.answer();
}

/** Waits until the caller has taken a piece; cuts the connection of one who does not, and so ends the exchange. */
export async function taken(
  written: Promise<void> | undefined,
  arrival: Arrival,
  stalledMs: number,
): Promise<void> {
  if (written === undefined) return;
  const timer = setTimeout(arrival.cut, stalledMs);
  try {
    await written;
  } finally {
    clearTimeout(timer);
  }
}

function noStream(): GatewayError {
  return new GatewayError('upstream_unreadable', 'The provider sent no stream to a request for one.');
}

function tooLarge(): GatewayError {
  return new GatewayError('upstream_unreadable', 'The answer is too large.');
}

/** The value, or undefined when it does not come within the linger time. */
async function lingering<T>(value: Promise<T>): Promise<T | undefined> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(resolve, LINGER_MS, undefined);
  });
  try {
    return await Promise.race([value.catch(() => undefined), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function collect(upstream: UpstreamAnswer, limits: DeliveryLimits): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of upstream.read()) {
    size += piece.length;
    if (size > limits.maxBytes) throw tooLarge();
    pieces.push(piece);
  }
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces, size);
}
