import type { FindingCounts, Masker } from '#core/phi/mask.ts';
import type { OpaqueGate } from '#core/provider/openai/content/gate.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import { maskResponse, type ResponseFacts } from '#core/provider/openai/response.ts';
import { ANSWERS } from '#core/provider/openai/routes/texts.ts';
import { createStreamMasker, type StreamMasker } from '#core/provider/openai/stream.ts';
import type { Lookahead } from '../detector/lookahead.ts';
import { type Arrival, type Received, requireCaller } from '../exchange.ts';
import type { Answer } from '../listener/answer.ts';
import type { UpstreamAnswer } from '../upstream/call.ts';
import { closing as mask } from './closing.ts';
import { readFile, restoreFile } from './file.ts';

/** What is masked and learnt; while a stream runs, so far. */
export interface Reading {
  readonly counts: FindingCounts;
  /** Of the answer as the caller gets it, which is what they refer to later. */
  readonly facts: ResponseFacts;
  /** What of the request's values the caller gets again in the place of tokens. */
  readonly restored?: FindingCounts;
}

/** What an answer goes through. */
export interface Ways {
  /** With a lookahead one that knows its answers. */
  readonly masker: Masker;
  /** Takes what cannot be read. */
  readonly gate: OpaqueGate;
  /** Shows every text to the external detector before it is masked. */
  readonly look: Lookahead | undefined;
  /** Puts values where tokens stand, for the caller alone: records have what comes before it. */
  readonly restorer: Masker | undefined;
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
/** An upstream that has not ended its answer so long after the last event is not waited for any longer. */
const LINGER_MS = 250;

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
  { masker, gate, look, restorer }: Ways,
  answer: Answer,
  onReading: (reading: Reading) => void,
  limits = LIMITS,
): Promise<boolean> {
  const { status } = upstream;
  const { route, startingAfter } = received.target;
  const json = upstream.mediaType === 'application/json' || upstream.mediaType.endsWith('+json');
  const { bare } = ANSWERS[route.answer];
  const asStream = upstream.mediaType === 'text/event-stream' && route.streams !== 'never';
  if (status === 200 && !asStream && (bare === 'any' || (bare === 'text' && !json))) {
    if (answer.begun) throw noStream();
    const file = await readFile(upstream, await collect(upstream, limits, arrival.hold), masker, gate, look);
    if (file.body.length > limits.maxBytes) throw tooLarge();
    const shown = restorer && (await restoreFile(file, restorer));
    onReading(readingOf(file, shown));
    const headers = { ...upstream.headers, 'content-type': file.contentType };
    answer.prepareWhole(200, headers, file.body, shown?.body);
    return false;
  }
  const answers = (status >= 200 && status < 300) || (status >= 400 && status < 600);
  if (answers && status < 300 && upstream.mediaType === 'text/event-stream') {
    // The caller counts the events that they got.
    const stream = createStreamMasker(route, masker, restorer ? undefined : startingAfter, gate);
    const shown = restorer && createStreamMasker(route, restorer, startingAfter);
    onReading(readingOf(stream, shown));
    const ahead = look && { look, stream: createStreamMasker(route, look.scout) };
    await deliverStream(upstream, arrival, { stream, shown, ahead }, answer, limits);
    return stream.facts.failed;
  }
  // Some providers say no more of a deletion, or of traces, than that it is done.
  const mayBeEmpty = status < 300 && (route.answer === 'deletion' || route.answer === 'acceptance');
  if (answers && (json || mayBeEmpty)) {
    const body = await collect(upstream, limits, arrival.hold);
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
    const shown = restorer && mask(() => maskResponse(route, masked.body, restorer));
    onReading(readingOf(masked, shown));
    prepareWhole(upstream, masked.body, shown?.body, answer);
    return upstream.status >= 400 || masked.facts.failed;
  }
  upstream.discard();
  throw new GatewayError(
    'upstream_unreadable',
    `The provider answered ${status} in a form that cannot be read, so it was not passed on.`,
  );
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

/** What goes ahead of a stream. */
interface Ahead {
  readonly look: Lookahead;
  readonly stream: StreamMasker;
}

/** What a stream goes through. */
interface StreamWays {
  readonly stream: StreamMasker;
  /** Takes what the stream gives, and gives what the caller gets. */
  readonly shown: StreamMasker | undefined;
  readonly ahead: Ahead | undefined;
}

async function deliverStream(
  upstream: UpstreamAnswer,
  arrival: Arrival,
  { stream, shown, ahead }: StreamWays,
  answer: Answer,
  limits: DeliveryLimits,
): Promise<void> {
  const source = upstream.read()[Symbol.asyncIterator]();
  let tail: Piece | undefined;
  let came = 0;
  const went = { masked: 0, shown: 0 };
  const show = (masked: Uint8Array, isEnd = false): Piece => {
    const push = (): Uint8Array => {
      const pushed = shown?.push(masked) ?? masked;
      return isEnd && shown !== undefined ? Buffer.concat([pushed, shown.end()]) : pushed;
    };
    const piece = { masked, shown: mask(push) };
    went.masked += masked.length + (isEnd ? 0 : FRAME_BYTES);
    went.shown += piece.shown.length;
    if (Math.max(went.masked, went.shown) > limits.maxBytes) throw tooLarge();
    return piece;
  };
  try {
    for (;;) {
      const next = await source.next();
      if (next.done === true) break;
      came += next.value.length;
      if (came > limits.maxBytes) throw tooLarge();
      // What has gone out is kept until the record has it.
      arrival.hold.take(next.value.length + FRAME_BYTES);
      if (ahead !== undefined) await readAhead(ahead, (scout) => scout.push(next.value));
      const piece = show(mask(() => stream.push(next.value)));
      if (arrival.signal.aborted) throw arrival.signal.reason;
      if (!answer.begun) answer.beginStream(upstream.headers);
      if (stream.complete) {
        tail = piece;
        await linger(source);
        break;
      }
      await taken(answer.write(piece.masked, piece.shown), arrival, limits.stalledMs);
    }
    if (ahead !== undefined) await readAhead(ahead, (scout) => scout.end());
    const rest = show(
      mask(() => stream.end()),
      true,
    );
    if (!answer.begun) answer.beginStream(upstream.headers);
    if (!stream.complete) {
      await taken(answer.write(rest.masked, rest.shown), arrival, limits.stalledMs);
      throw new GatewayError('upstream_disconnected', 'The provider broke off before the end of its answer.');
    }
    // They may have left while the end was waited for.
    requireCaller(arrival);
    const pieces = tail === undefined ? [rest] : [tail, rest];
    answer.prepareEnd(join(pieces.map(({ masked }) => masked)), join(pieces.map((piece) => piece.shown)));
  } finally {
    upstream.end();
  }
}

/** A piece of a stream, as records have it and as the caller gets it. */
interface Piece {
  readonly masked: Uint8Array;
  readonly shown: Uint8Array;
}

function join(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
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

/** Waits for the end of a source, whatever comes before it, but no longer than the linger time. */
async function linger(source: AsyncIterator<Uint8Array>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, LINGER_MS);
  });
  const readToEnd = async () => {
    while ((await source.next()).done !== true);
  };
  await Promise.race([readToEnd().catch(() => {}), late]);
  clearTimeout(timer);
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
