import { CLASSES } from '#core/phi/judge/classes.ts';
import { ROW_BITS } from '#core/phi/judge/weights.ts';
import type { Example } from './examples.ts';
import { random } from './random.ts';

const ROWS = 1 << ROW_BITS;
const EPOCHS = 4;
const RATE = 0.15;
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
  const next = random(seed);
  const order = Uint32Array.from(examples.keys());
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    shuffle(order, next);
    for (const index of order) {
      const { rows, kind, weight } = examples[index] as Example;
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
      chances[k] = (chances[k] as number) + (weights[row * classes + k] as number);
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

function shuffle(order: Uint32Array, next: () => number): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    const other = order[j] as number;
    order[j] = order[i] as number;
    order[i] = other;
  }
}
