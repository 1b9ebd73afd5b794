import { expect, test } from 'vitest';
import { judge } from './judge.ts';
import { runLot } from './lot.ts';
import { seededRandom } from './random.ts';

/** `npm run test:crash` has 1,000 rounds; here are as many as fit into a short time. */
const ROUNDS = 10;
const BUDGET_MS = 15_000;

test('a plane that is killed at any moment loses nothing and has nothing twice', async () => {
  const seed = Math.floor(performance.timeOrigin);
  const lot = await runLot({
    rounds: ROUNDS,
    untilMs: performance.now() + BUDGET_MS,
    random: seededRandom(seed),
  });
  const { faults, exchanges, interrupted, brokenOff } = await judge(lot);
  expect(faults, `seed ${seed}`).toEqual([]);
  expect(lot.rounds).toBeGreaterThan(0);
  expect(lot.upstream.length).toBeGreaterThan(lot.rounds);
  expect(exchanges).toBeGreaterThanOrEqual(lot.upstream.length);
  expect(interrupted).toBeGreaterThan(0);
  expect(brokenOff).toBeGreaterThan(0);
});
