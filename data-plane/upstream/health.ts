import type { GatewayError } from '#core/provider/openai/error.ts';
import { UpstreamState } from '#proto/sworn/plane/v1/plane_pb.ts';
import { UpstreamError } from './failure.ts';

/** After it could not be reached an upstream is tried after the others for so long, in milliseconds. */
const AVOIDED_MS = 10_000;
/** What was noted counts for so long; then it is worth to look again. */
const FRESH_MS = 60_000;

/** How the last calls of an upstream went. */
export class Health {
  state: UpstreamState = UpstreamState.UNSPECIFIED;
  /** What was wrong last; empty when nothing was. */
  fault = '';
  /** Wall-clock milliseconds of the last that was noted; undefined before. */
  timeMs: number | undefined;
  #notedTicks = Number.NEGATIVE_INFINITY;
  #avoidedUntil = Number.NEGATIVE_INFINITY;

  /** It could not be reached a moment ago: whoever has a choice tries others first. */
  get avoided(): boolean {
    return performance.now() < this.#avoidedUntil;
  }

  /** Nothing was noted for a while. */
  get stale(): boolean {
    return performance.now() - this.#notedTicks > FRESH_MS;
  }

  /** It answered; with what is wrong nevertheless. */
  note(fault = ''): void {
    this.#set(fault === '' ? UpstreamState.ANSWERS : UpstreamState.FAILS, fault);
  }

  /** It can be connected to. */
  reach(): void {
    this.#set(UpstreamState.REACHED, '');
  }

  /** It did not answer. */
  fail(failure: GatewayError): void {
    // That it is busy is no fault of it.
    if (failure.code === 'upstream_busy' || failure.code === 'upstream_unreadable') return;
    this.#set(UpstreamState.FAILS, failure.message);
    if (failure instanceof UpstreamError && failure.untouched) {
      this.#avoidedUntil = performance.now() + AVOIDED_MS;
    }
  }

  #set(state: UpstreamState, fault: string): void {
    this.state = state;
    this.fault = fault;
    this.timeMs = Date.now();
    this.#notedTicks = performance.now();
    this.#avoidedUntil = Number.NEGATIVE_INFINITY;
  }
}
