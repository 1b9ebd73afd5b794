import type { GatewayError } from '#core/provider/openai/error.ts';
import { UpstreamError } from './failure.ts';

/** After it could not be reached an upstream is tried after the others for so long, in milliseconds. */
const AVOIDED_MS = 10_000;

/** How the last calls of an upstream went. */
export class Health {
  /** What was wrong last; undefined when nothing was. */
  fault: string | undefined;
  /** Wall-clock milliseconds of the last that was noted; undefined before. */
  timeMs: number | undefined;
  #avoidedUntil = Number.NEGATIVE_INFINITY;

  /** It could not be reached a moment ago: whoever has a choice tries others first. */
  get avoided(): boolean {
    return performance.now() < this.#avoidedUntil;
  }

  /** It answered; with what is wrong nevertheless. */
  note(fault: string | undefined): void {
    this.fault = fault;
    this.timeMs = Date.now();
    this.#avoidedUntil = Number.NEGATIVE_INFINITY;
  }

  /** It did not answer. */
  fail(failure: GatewayError): void {
    // That it is busy is no fault of it.
    if (failure.code === 'upstream_busy' || failure.code === 'upstream_unreadable') return;
    this.fault = failure.message;
    this.timeMs = Date.now();
    if (failure instanceof UpstreamError && failure.untouched) {
      this.#avoidedUntil = performance.now() + AVOIDED_MS;
    }
  }
}
