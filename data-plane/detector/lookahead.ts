import type { Detector } from '#core/phi/detect.ts';
import { Answers } from '#core/phi/external/answers.ts';
import { addAnswers } from '#core/phi/external/detector.ts';
import { createScout, type Scout } from '#core/phi/external/scout.ts';
import type { SegmentSizes } from '#core/phi/external/segment.ts';
import { createMasker, type Masker } from '#core/phi/mask.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { GatewayError } from '#core/provider/openai/error.ts';
import type { CompiledSnapshot } from '../control/control.ts';
import type { Arrival } from '../exchange.ts';
import type { ExternalDetector } from './external.ts';

/** What shows texts to the external detector before they are masked; undefined where there is none. */
export function lookAhead(
  { external }: { readonly external: ExternalDetector | undefined },
  { detector }: Pick<CompiledSnapshot, 'detector'>,
  sizes: SegmentSizes,
  required: boolean,
  { signal }: Arrival,
): Lookahead | undefined {
  return external && new Lookahead({ external, builtIn: detector, sizes, required, signal });
}

interface LookaheadOptions {
  readonly external: ExternalDetector;
  readonly builtIn: Detector;
  readonly sizes: SegmentSizes;
  /** Whether text must not go on when the external detector does not answer. */
  readonly required: boolean;
  /** Of the request. */
  readonly signal: AbortSignal;
}

/**
 * Shows the texts of one prompt or answer to the external detector before they are masked, which cannot wait for it:
 * whatever is to be masked goes through `scout` first, then `answer()` is awaited, then it is masked with `detector`.
 */
export class Lookahead {
  /** Reads texts ahead; what it returns is unmasked and goes nowhere. */
  readonly scout: Masker;
  /** Finds what both detectors find, in texts that were answered. */
  readonly detector: Detector;
  /** Why the external detector did not answer, where that is let pass. */
  failure: GatewayError | undefined;
  readonly #options: LookaheadOptions;
  readonly #scout: Scout;
  readonly #answers = new Answers();

  constructor(options: LookaheadOptions) {
    const { builtIn, sizes } = options;
    this.#options = options;
    this.#scout = createScout(sizes);
    this.scout = createMasker(this.#scout, MASK_ALL);
    this.detector = addAnswers(builtIn, this.#answers, sizes);
  }

  /**
   * Has everything answered that the scout has read. Once the external detector has failed and that is let pass, it
   * is not asked again, and has found nothing.
   *
   * @throws GatewayError `detector_unavailable` when it is required.
   */
  async answer(): Promise<void> {
    const { external, required, signal } = this.#options;
    const segments = this.#scout.take();
    if (this.failure === undefined) {
      try {
        await external.ask(segments, this.#answers, signal);
        return;
      } catch (error) {
        if (required || !isUnavailable(error)) throw error;
        this.failure = error;
      }
    }
    for (const segment of this.#answers.open(segments)) this.#answers.add(segment, []);
  }
}

function isUnavailable(error: unknown): error is GatewayError {
  return error instanceof GatewayError && error.code === 'detector_unavailable';
}
