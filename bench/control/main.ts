// How soon planes do what people decide: from an approval to the request going on, and from a revocation to the first refusal,
// with a real mongod, two replicas of the control plane and two planes as processes of their own.
// `npm run bench:control [-- --approvals N --rounds N]`
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { quantile } from '../load.ts';
import { measureApprovals } from './approvals.ts';
import { type Deployment, startDeployment } from './deployment.ts';
import { measureRevocations, TARGETS } from './revocations.ts';

const USAGE = `usage: npm run bench:control [-- --approvals N --rounds N]
  --approvals N  requests that are held and approved, 200 when absent; 0 to leave them out
  --rounds N     revocations, a third each of a caller, a token and a session, 210 when absent; 0 to leave them out
`;
const MOST = 10_000;
/** A revocation is to be a refusal on every plane within this. */
const REVOCATION_TARGET_MS = 1_000;

const { approvals, rounds } = readArguments();
const directory = mkdtempSync(join(tmpdir(), 'sworn-bench-control-'));
let deployment: Deployment | undefined;
try {
  deployment = await startDeployment(directory);
  print(`${availableParallelism()} cores, load ${loadavg()[0]?.toFixed(1)}\n`);
  if (approvals > 0) await printApprovals(deployment);
  if (rounds > 0) await printRevocations(deployment);
  print(`\nload at the end ${loadavg()[0]?.toFixed(1)}\n`);
} finally {
  await deployment?.close();
  rmSync(directory, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

function readArguments() {
  try {
    const options = {
      approvals: { type: 'string' },
      rounds: { type: 'string' },
      help: { type: 'boolean' },
    } as const;
    const { values } = parseArgs({ options });
    if (values.help) {
      print(USAGE);
      process.exit(0);
    }
    return { approvals: readCount(values.approvals ?? '200'), rounds: readCount(values.rounds ?? '210') };
  } catch {
    process.stderr.write(USAGE);
    process.exit(2);
  }
}

function readCount(text: string): number {
  const count = Number(text);
  if (text === '' || !Number.isInteger(count) || count < 0 || count > MOST) throw new RangeError('no count');
  return count;
}

async function printApprovals(on: Deployment): Promise<void> {
  const releases = await measureApprovals(on, approvals);
  print(`\nApproval to release, ${releases.length} held streams\n`);
  print(row('', 'count', 'p50', 'p99', 'most'));
  const groups = {
    'both planes': releases,
    'plane 1': releases.filter(({ plane }) => plane === 0),
    'plane 2': releases.filter(({ plane }) => plane === 1),
    'by its own replica': releases.filter(({ sameReplica }) => sameReplica),
    'by the other replica': releases.filter(({ sameReplica }) => !sameReplica),
  };
  const spans = {
    'approve sent -> provider': (release: (typeof releases)[number]) => release.upstream.sinceSent,
    'approve sent -> first byte': (release: (typeof releases)[number]) => release.firstByte.sinceSent,
    'approve returned -> provider': (release: (typeof releases)[number]) => release.upstream.sinceReturned,
    'approve returned -> first byte': (release: (typeof releases)[number]) => release.firstByte.sinceReturned,
  };
  for (const [group, members] of Object.entries(groups)) {
    print(`${group}\n`);
    for (const [span, read] of Object.entries(spans)) print(figures(`  ${span}`, members.map(read)));
  }
}

async function printRevocations(on: Deployment): Promise<void> {
  const refusals = await measureRevocations(on, rounds);
  print(`\nRevocation returned to first refusal, ${rounds} rounds on each of two planes\n`);
  print(row('', 'count', 'p50', 'p99', 'most'));
  const all = refusals.map(({ afterMs }) => afterMs);
  print(figures('all', all));
  for (const target of TARGETS) {
    const some = refusals.filter((refusal) => refusal.target === target);
    print(
      figures(
        `  by ${target}`,
        some.map(({ afterMs }) => afterMs),
      ),
    );
  }
  for (const plane of [0, 1]) {
    const some = refusals.filter((refusal) => refusal.plane === plane);
    print(
      figures(
        `  plane ${plane + 1}`,
        some.map(({ afterMs }) => afterMs),
      ),
    );
  }
  const p99 = quantile(all, 0.99);
  const verdict = p99 < REVOCATION_TARGET_MS ? 'met' : 'MISSED';
  print(`p99 below ${REVOCATION_TARGET_MS} ms: ${verdict} (${p99.toFixed(0)} ms)\n`);
}

function figures(name: string, values: readonly number[]): string {
  const times = [quantile(values, 0.5), quantile(values, 0.99), Math.max(...values)];
  return row(name, `${values.length}`, ...times.map((time) => `${time.toFixed(1)} ms`));
}

function row(name: string, ...cells: string[]): string {
  return `${name.padEnd(34)}${cells.map((cell) => cell.padStart(11)).join('')}\n`;
}

function print(text: string): void {
  process.stdout.write(text);
}
