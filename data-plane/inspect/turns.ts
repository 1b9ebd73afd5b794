import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Steps } from '#core/provider/openai/steps.ts';

/** Takes all steps, and lets others have their turn between them. Rejects with what a step throws. */
export async function inTurns<T>(steps: Steps<T>): Promise<T> {
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
    await nextTurn();
  }
}
