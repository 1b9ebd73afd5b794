import { CLASSES } from '#core/phi/judge/classes.ts';
import type { PackedWeights } from '#core/phi/judge/weights.ts';
import type { Fitted } from './fit.ts';

/** The weight that one step of a byte stands for; beyond 127 of them weights are cut. */
const STEP = 1 / 32;
const MOST = 127;
/** A row without any weight of so many steps is left out. */
const LEAST = 12;

/** Weights as bytes, without rows that say little. */
export function pack(weights: Fitted): PackedWeights & { readonly kept: number } {
  const classes = CLASSES.length;
  const bytes: number[] = [];
  let last = -1;
  let kept = 0;
  for (let row = 0; row * classes < weights.length; row++) {
    const steps = Array.from(weights.subarray(row * classes, (row + 1) * classes), (weight) =>
      Math.max(-MOST, Math.min(MOST, Math.round(weight / STEP))),
    );
    if (Math.max(...steps.map(Math.abs)) < LEAST) continue;
    for (let skip = row - last; ; skip >>>= 7) {
      bytes.push(skip < 0x80 ? skip : (skip & 0x7f) | 0x80);
      if (skip < 0x80) break;
    }
    bytes.push(...steps);
    last = row;
    kept += 1;
  }
  return { step: STEP, rows: Buffer.from(Int8Array.from(bytes).buffer).toString('base64'), kept };
}
