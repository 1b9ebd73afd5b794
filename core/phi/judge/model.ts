import packed from './weights.json' with { type: 'json' };
import { Weights } from './weights.ts';

let made: Weights | undefined;

/** The weights of the model that comes with the detector, unpacked when they are first asked for. */
export function modelWeights(): Weights {
  made ??= new Weights(packed);
  return made;
}
