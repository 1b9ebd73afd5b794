// The long form of the crash test: `npm run test:crash [-- ROUNDS [SEED]]`. Ends with 1 when something was lost or twice.
import { judge } from './judge.ts';
import { runLot } from './lot.ts';
import { seededRandom } from './random.ts';

const ROUNDS = Number(process.argv[2] ?? 1_000);
const SEED = Number(process.argv[3] ?? Math.floor(performance.timeOrigin) % 1_000_000);
/** So many crashes on one state directory; then a new one, so that what is kept in memory stays small. */
const LOT_ROUNDS = 25;

if (!(ROUNDS > 0 && Number.isSafeInteger(SEED))) {
  process.stderr.write('usage: npm run test:crash [-- ROUNDS [SEED]]\n');
  process.exit(2);
}
process.stdout.write(`seed ${SEED}\n`);
const random = seededRandom(SEED);
let done = 0;
let exchanges = 0;
let interrupted = 0;
let brokenOff = 0;
let seenBytes = 0;
let faults = 0;
while (done < ROUNDS) {
  const lot = await runLot({ rounds: Math.min(LOT_ROUNDS, ROUNDS - done), random });
  const verdict = await judge(lot);
  done += lot.rounds;
  exchanges += verdict.exchanges;
  interrupted += verdict.interrupted;
  brokenOff += verdict.brokenOff;
  seenBytes += verdict.seenBytes;
  faults += verdict.faults.length;
  for (const fault of verdict.faults) process.stdout.write(`FAULT ${fault}\n`);
  process.stdout.write(
    `${done} rounds: ${exchanges} exchanges, ${interrupted} interrupted, ${brokenOff} streams broken off, ` +
      `${seenBytes} bytes seen by callers, ${faults} faults\n`,
  );
}
process.exit(faults === 0 ? 0 : 1);
