import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Database } from '../../control-plane/storage/database.ts';
import { startEmbeddedMongo } from '../../control-plane/storage/embedded/embedded.ts';
import { findNewestCheckpoint } from '../../control-plane/storage/log/checkpoints.ts';
import { findLeafIndex } from '../../control-plane/storage/log/log-runs.ts';
import { openToLook } from '../../test/env/mongo.ts';
import { startIssuer } from '../../test/oidc/issuer.ts';
import { processorMs, startProgram, stopProgram } from '../process.ts';
import { type Handed, joinPlane } from './plane.ts';

const PLANES = 4;
const BATCH = 250;
const WARM_UP_MS = 2_000;
/** How often the log is looked at: latencies are read to this much. */
const LOOK_MS = 10;
const US_PER_MS = 1_000;
const COVER_TIMEOUT_MS = 60_000;

/** What ingest, log and checkpoint together bear. Times are in milliseconds. */
export interface IngestFigures {
  /** Acknowledged records a second, while planes hand in. */
  readonly acknowledgedPerSecond: number;
  /** Records that a checkpoint covers, a second, until the last one is covered. */
  readonly coveredPerSecond: number;
  readonly records: number;
  /** Processor time for each record, in microseconds. */
  readonly controlPlaneCpuUs: number;
  readonly mongodbCpuUs: number;
  /** From handing in a batch to its acknowledgement. */
  readonly acknowledge: readonly number[];
  /** From the acknowledgement of a batch to its last record being a leaf. */
  readonly leaf: readonly number[];
  /** From the acknowledgement to a published checkpoint that covers it. */
  readonly checkpoint: readonly number[];
}

interface Waiting extends Handed {
  readonly sinceMs: number;
  index?: number;
}

/**
 * Starts MongoDB and a control plane as processes of their own, hands in records over HTTP as several planes for so long,
 * and waits until a checkpoint covers the last one.
 */
export async function measureIngest(directory: string, durationMs: number): Promise<IngestFigures> {
  const mongo = await startEmbeddedMongo({
    directory: join(directory, 'mongodb'),
    progress: () => undefined,
  });
  const issuer = await startIssuer();
  const { child, url } = await startProgram('control-plane', [
    ...['--listen', '127.0.0.1:0', '--mongodb-uri', mongo.uri, '--issuer', issuer.url],
    ...['--state-directory', join(directory, 'control-plane')],
  ]);
  const database = await openToLook(mongo.uri, 'sworn');
  try {
    const admin = await issuer.token({ groups: ['sworn-admins'] });
    const planes = await Promise.all(
      Array.from({ length: PLANES }, (_, at) => joinPlane(url, `bench ${at}`, admin)),
    );
    const figures = { acknowledge: [] as number[], leaf: [] as number[], checkpoint: [] as number[] };
    let waiting: Waiting[] = [];
    const handIn = async (untilMs: number): Promise<number> => {
      const counts = planes.map(async (plane) => {
        let count = 0;
        while (performance.now() < untilMs) {
          const beginMs = performance.now();
          const handed = await plane.append(BATCH);
          const sinceMs = performance.now();
          figures.acknowledge.push(sinceMs - beginMs);
          waiting.push({ ...handed, sinceMs });
          count += BATCH;
        }
        return count;
      });
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    };
    let isOver = false;
    const looking = (async () => {
      while (!isOver || waiting.length > 0) {
        waiting = await look(database, waiting, figures);
        await sleep(LOOK_MS);
      }
    })();

    await handIn(performance.now() + WARM_UP_MS);
    figures.acknowledge.length = 0;
    figures.leaf.length = 0;
    figures.checkpoint.length = 0;
    const cpuBefore = await readCpu(database, child);
    const beginMs = performance.now();
    const records = await handIn(beginMs + durationMs);
    const handedMs = performance.now() - beginMs;
    isOver = true;
    const timeout = new AbortController();
    const late = sleep(COVER_TIMEOUT_MS, undefined, { signal: timeout.signal }).then(() => {
      throw new Error('the last records did not come into the log');
    });
    await Promise.race([looking, late]);
    timeout.abort();
    late.catch(() => undefined);
    const coveredMs = performance.now() - beginMs;
    const cpuAfter = await readCpu(database, child);
    return {
      controlPlaneCpuUs: (cpuAfter.controlPlane - cpuBefore.controlPlane) / records,
      mongodbCpuUs: (cpuAfter.mongodb - cpuBefore.mongodb) / records,
      acknowledgedPerSecond: (records / handedMs) * 1_000,
      coveredPerSecond: (records / coveredMs) * 1_000,
      records,
      ...figures,
    };
  } finally {
    await database.close();
    await stopProgram(child);
    await issuer.close();
    await mongo.stop();
  }
}

/** Notes what has come into the log and under a checkpoint since the last look; returns what still waits. */
async function look(
  database: Database,
  waiting: readonly Waiting[],
  figures: { readonly leaf: number[]; readonly checkpoint: number[] },
): Promise<Waiting[]> {
  const covered = (await findNewestCheckpoint(database))?.size ?? 0;
  const coveredMs = performance.now();
  // Only the oldest of each plane: those behind it are not sooner in the log.
  const isBlocked = new Set<string>();
  for (const batch of waiting) {
    if (batch.index !== undefined || isBlocked.has(batch.plane)) continue;
    const index = await findLeafIndex(database, batch, batch.seq);
    if (index === undefined) isBlocked.add(batch.plane);
    else {
      batch.index = index;
      figures.leaf.push(performance.now() - batch.sinceMs);
    }
  }
  return waiting.filter(({ index, sinceMs }) => {
    if (index === undefined || index >= covered) return true;
    figures.checkpoint.push(coveredMs - sinceMs);
    return false;
  });
}

/** Processor time that both have had, in microseconds; NaN where the system does not tell (proc(5)). */
async function readCpu(
  { db }: Database,
  { pid }: ChildProcess,
): Promise<{ controlPlane: number; mongodb: number }> {
  const { extra_info: info } = await db.command({ serverStatus: 1 });
  const mongodb = Number(info.user_time_us) + Number(info.system_time_us);
  return { controlPlane: processorMs(pid) * US_PER_MS, mongodb };
}
