import type { SegmentSizes } from '#core/phi/external/segment.ts';
import type { CompiledSnapshot } from '../control/control.ts';
import type { Arrival } from '../exchange.ts';
import type { ExternalDetector } from './external.ts';
import { Lookahead } from './lookahead.ts';

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
