import { CLASSES } from '#core/phi/judge/classes.ts';
import { ROW_BITS } from '#core/phi/judge/weights.ts';
import { Random } from '../corpus/random.ts';
import type { Example } from './examples.ts';

const ROWS = 1 << ROW_BITS;
const EPOCHS = 16;
const RATE = 0.12;
/**
 * So many features of an example are left out each time it is seen (dropout, Srivastava et al. 2014), so that none is relied upon: texts
 * that nothing was fitted to lack many of them.
 */
const DROPPED = 0.4;
/** Added to the sum of squares, so that the first step is not too long. */
const DAMPING = 1e-2;
/** Not worth a step. */
const SMALLEST_ERROR = 1e-4;

/** By row and class. */
export type Fitted = Float32Array;

/**
 * Fits a multinomial logistic regression by stochastic gradient descent with a rate of its own for each weight (AdaGrad, Duchi et al.
 * 2011). The same examples and seed give the same weights.
 */
export function fitModel(examples: readonly Example[], seed: number): Fitted {
  const classes = CLASSES.length;
  const weights = new Float32Array(ROWS * classes);
  const squares = new Float32Array(ROWS * classes);
  const chances = new Float64Array(classes);
  const random = new Random(seed);
  const order = Uint32Array.from(examples.keys());
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    shuffle(order, random);
    for (const index of order) {
      const { rows: all, kind, weight } = examples[index] as Example;
      const rows = all.filter(() => !random.chance(DROPPED));
      softmax(weights, rows, chances);
      for (let k = 0; k < classes; k++) {
        const error = weight * ((chances[k] as number) - (kind === k ? 1 : 0));
        if (Math.abs(error) < SMALLEST_ERROR) continue;
        for (const row of rows) {
          const at = row * classes + k;
          const square = (squares[at] as number) + error * error;
          squares[at] = square;
          weights[at] = (weights[at] as number) - (RATE * error) / Math.sqrt(square + DAMPING);
        }
      }
    }
  }
  return weights;
}

function softmax(weights: Fitted, rows: Int32Array, chances: Float64Array): void {
  const classes = chances.length;
  chances.fill(0);
  for (const row of rows) {
    for (let k = 0; k < classes; k++)
      chances[k] = (chances[k] as number) + (weights[row * classes + k] as number) / (1 - DROPPED);
  }
  const most = Math.max(...chances);
  let sum = 0;
  for (let k = 0; k < classes; k++) {
    const chance = Math.exp((chances[k] as number) - most);
    chances[k] = chance;
    sum += chance;
  }
  for (let k = 0; k < classes; k++) chances[k] = (chances[k] as number) / sum;
}

function shuffle(order: Uint32Array, random: Random): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = random.integer(0, i);
    const other = order[j] as number;
    order[j] = order[i] as number;
    order[i] = other;
  }
}
