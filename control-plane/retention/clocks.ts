import type { Context } from '../context.ts';

/**
 * What the clocks of the control plane and of the store say, of which either may be wrong. What is kept is kept from the later
 * one on, and is over when the earlier one says so: what is erased does not come back.
 */
export async function readClocks({ now, storeTime }: Context): Promise<{ earlier: Date; later: Date }> {
  const [ours, theirs] = [now(), await storeTime()];
  return ours < theirs ? { earlier: ours, later: theirs } : { earlier: theirs, later: ours };
}
