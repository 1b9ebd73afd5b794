// What evidence costs: the durable intent and outcome of an exchange beside the disk's own sync, and records a second
// through ingest, log and checkpoint with MongoDB beside. Only ratios mean anything on another machine.
// `npm run bench:log [-- seconds]`
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { quantile } from '../load.ts';
import { measureIngest } from './ingest.ts';
import { measureSpool } from './spool.ts';
import { measureVerify } from './verify.ts';

/** A shorter one says little of checkpoints: a record waits for its own for more than a second. */
const SECONDS = Number(process.argv[2] ?? 30);
if (!(SECONDS > 0 && SECONDS <= 3600)) {
  process.stderr.write(
    'usage: npm run bench:log [-- SECONDS]: how long each figure is measured, 30 when absent\n',
  );
  process.exit(2);
}
const CONCURRENT = [1, 32, 200];
const MAX_SPOOL_SECONDS = 5;
const VERIFIED_RECORDS = 100_000;

const directory = mkdtempSync(join(tmpdir(), 'sworn-bench-log-'));
try {
  await spool();
  await ingest();
  await verification();
} finally {
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

async function spool(): Promise<void> {
  print(`Durable intent and outcome of an exchange\n`);
  print(
    row(
      'concurrent',
      'sync p50',
      'sync p99',
      'added p50',
      'added p99',
      'p50/sync',
      'p99/sync',
      'a sync',
      '1/s',
    ),
  );
  for (const concurrent of CONCURRENT) {
    const { added, entriesPerSync, exchangesPerSecond, syncs } = await measureSpool(
      directory,
      concurrent,
      1_000 * Math.min(SECONDS, MAX_SPOOL_SECONDS),
    );
    const [sync50, sync99, added50, added99] = [...both(syncs), ...both(added)];
    print(
      row(
        `${concurrent}`,
        ...[sync50, sync99, added50, added99].map(ms),
        (added50 / sync50).toFixed(2),
        (added99 / sync99).toFixed(2),
        entriesPerSync.toFixed(1),
        exchangesPerSecond.toFixed(0),
      ),
    );
    if (concurrent === 1) print(`  two syncs and 0.5 ms: ${ms(2 * sync50 + 0.5)}\n`);
  }
}

async function ingest(): Promise<void> {
  const figures = await measureIngest(directory, 1_000 * SECONDS);
  const { acknowledge, acknowledgedPerSecond, checkpoint, coveredPerSecond, leaf, records } = figures;
  print(`\nIngest, log and checkpoint: ${records} records\n`);
  print(`  acknowledged          ${acknowledgedPerSecond.toFixed(0)} records/s\n`);
  print(`  under a checkpoint    ${coveredPerSecond.toFixed(0)} records/s\n`);
  print(`  processor time        ${figures.controlPlaneCpuUs.toFixed(0)} us a record in the control plane, `);
  print(`${figures.mongodbCpuUs.toFixed(0)} us in MongoDB\n`);
  for (const [name, times] of Object.entries({ acknowledge, leaf, checkpoint })) {
    const [p50, p99] = both(times);
    print(`  ${name.padEnd(12)} p50 ${ms(p50)}, p99 ${ms(p99)}\n`);
  }
}

async function verification(): Promise<void> {
  const { records, recordsPerSecond } = await measureVerify(VERIFIED_RECORDS);
  print(`\nVerification of a bundle, without payloads: ${records} records\n`);
  print(`  verified              ${recordsPerSecond.toFixed(0)} records/s\n`);
}

function both(values: readonly number[]): [number, number] {
  return [quantile(values, 0.5), quantile(values, 0.99)];
}

function row(name: string, ...cells: string[]): string {
  return `${name.padEnd(12)}${cells.map((cell) => cell.padStart(11)).join('')}\n`;
}

function ms(value: number): string {
  return `${value.toFixed(2)} ms`;
}

function print(text: string): void {
  process.stdout.write(text);
}
