import { GatewayError } from '#core/provider/openai/error.ts';
import type { StreamMasker } from '#core/provider/openai/stream/stream.ts';
import type { Lookahead } from '../detector/lookahead.ts';
import { type Arrival, requireCaller } from '../exchange.ts';
import type { Answer } from '../listener/answer.ts';
import { FRAME_BYTES } from '../record/size.ts';
import type { UpstreamAnswer } from '../upstream/call.ts';
import { closing as mask } from './closing.ts';
import { type DeliveryLimits, tooLarge } from './limits.ts';

/** An upstream that has not ended its answer so long after the last event is not waited for any longer. */
const LINGER_MS = 250;

/** What goes ahead of a stream. */
interface Ahead {
  readonly look: Lookahead;
  readonly stream: StreamMasker;
}

/** What a stream goes through. */
export interface StreamWays {
  readonly stream: StreamMasker;
  /** Takes what the stream gives, and gives what the caller gets. */
  readonly shown: StreamMasker | undefined;
  readonly ahead: Ahead | undefined;
}

/**
 * Hands a stream on as it comes, but for its terminal event: the end is prepared. Throws GatewayError as `deliver` does.
 */
export async function deliverStream(
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

/** Pieces in one. */
export function join(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
}
