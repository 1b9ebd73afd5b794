import { setTimeout as sleep } from 'node:timers/promises';
import { consistencyProof } from '#core/evidence/merkle/prove.ts';
import { parseSignature } from '#core/evidence/note/note.ts';
import { readNodes } from '#core/evidence/tiles/read.ts';
import { describeConnectionFault, findTlsFault } from '../../program/connection-fault.ts';
import { describeError } from '../../program/log.ts';
import type { Context } from '../context.ts';
import { addCosignatures, type StoredCheckpoint } from '../storage/log/checkpoints.ts';
import { readLogSurely } from '../storage/log/log.ts';
import { raiseLogAlarm } from './alarm.ts';
import { tileReader } from './tree.ts';
import { submitCheckpoint, type WitnessAnswer, type WitnessPlace } from './witness.ts';

/** How long a new checkpoint waits for its witnesses before it is published without them. */
const SOON_MS = 1_000;
const RETRY_MIN_MS = 1_000;
const RETRY_MAX_MS = 60_000;

/** https://nodejs.org/api/cli.html#node_extra_ca_certsfile */
const MORE_AUTHORITIES =
  'start the control plane with NODE_EXTRA_CA_CERTS=FILE, the PEM of the authority that issued it';
/** What a refusal comes from, by https://c2sp.org/tlog-witness, as far as it can be mended. */
const REFUSALS: Readonly<Record<number, string>> = {
  403: "it has another key of this log: start it with what 'sworn audit key' prints in --log-keys",
  404: "it does not know this log: start it with what 'sworn audit key' prints in --log-keys",
};

type Submitted = Pick<StoredCheckpoint, 'size' | 'note'>;

/** The witnesses of the settings. */
export interface Witnesses {
  /** The cosignatures that come within a second; later ones are added to the stored checkpoint. */
  cosignSoon(checkpoint: Submitted): Promise<string[]>;
  /** Asks, without waiting, the witnesses whose cosignature a published checkpoint lacks. */
  cosignLate(checkpoint: StoredCheckpoint): void;
  /** Names of those whose cosignature a published checkpoint lacks, and that gave none when they were asked last. */
  away(checkpoint: StoredCheckpoint): string[];
  /** Resolves when no request runs; the context's shutdown ends them. */
  close(): Promise<void>;
}

/** One witness, as this replica knows it. */
interface Witness {
  readonly place: WitnessPlace;
  /** The tree that it cosigned last, as far as is known. */
  size: number;
  /** Not asked again before, in milliseconds of the process's clock. */
  notBeforeMs: number;
  failures: number;
  isRefusing: boolean;
  running: Promise<string | undefined> | undefined;
}

/** Follows what each witness has seen, and leaves one that does not answer alone for up to a minute. */
export function createWitnesses(context: Context): Witnesses {
  const { database, settings, shutdown } = context;
  const witnesses = settings.witnesses.map(
    (place): Witness => ({
      place,
      size: 0,
      notBeforeMs: 0,
      failures: 0,
      isRefusing: false,
      running: undefined,
    }),
  );

  const start = (witness: Witness, checkpoint: Submitted): Promise<string | undefined> | undefined => {
    if (checkpoint.size === 0 || witness.running !== undefined || performance.now() < witness.notBeforeMs) {
      return undefined;
    }
    return occupy(witness, ask(context, witness, checkpoint));
  };
  const addWhenItComes = (witness: Witness, running: Promise<string | undefined>, size: number): void => {
    const added = running.then(async (line) => {
      if (line !== undefined) await addCosignatures(database, size, [line]);
      return line;
    });
    // Not asked again until it is stored: another cosignature of the same would be one more. Where storing fails, it is asked for again.
    void occupy(
      witness,
      added.catch(() => undefined),
    );
  };

  const lacking = ({ cosignatures }: StoredCheckpoint): Witness[] => {
    const have = new Set(cosignatures.map((line) => idOf(parseSignature(line.trimEnd()))));
    return witnesses.filter(({ place }) => !have.has(idOf(place.key)));
  };

  return {
    async cosignSoon(checkpoint) {
      const timer = new AbortController();
      const late = sleep(SOON_MS, undefined, { signal: AbortSignal.any([timer.signal, shutdown]) }).catch(
        () => undefined,
      );
      const lines = await Promise.all(
        witnesses.map(async (witness) => {
          const running = start(witness, checkpoint);
          if (running === undefined) return undefined;
          const line = await Promise.race([running, late]);
          if (line === undefined) addWhenItComes(witness, running, checkpoint.size);
          return line;
        }),
      );
      timer.abort();
      return lines.filter((line) => line !== undefined);
    },
    cosignLate(checkpoint) {
      for (const witness of lacking(checkpoint)) {
        const running = start(witness, checkpoint);
        if (running !== undefined) addWhenItComes(witness, running, checkpoint.size);
      }
    },
    away: (checkpoint) =>
      lacking(checkpoint)
        .filter(({ failures }) => failures > 0)
        .map(({ place }) => place.key.name),
    async close() {
      await Promise.all(witnesses.map(({ running }) => running));
    },
  };
}

/** Has a witness not asked again while something runs, which never throws. */
function occupy<T extends string | undefined>(witness: Witness, work: Promise<T>): Promise<T> {
  const running = work.finally(() => {
    if (witness.running === running) witness.running = undefined;
  });
  witness.running = running;
  return running;
}

/** Asks one witness; never throws. */
async function ask(context: Context, witness: Witness, checkpoint: Submitted): Promise<string | undefined> {
  const { logger, shutdown } = context;
  const { name } = witness.place.key;
  try {
    let answer = await submit(context, witness, checkpoint);
    if (answer.kind === 'conflict') {
      witness.size = answer.size;
      if (answer.size > checkpoint.size) {
        await checkAhead(context, witness);
        return undefined;
      }
      answer = await submit(context, witness, checkpoint);
    }
    if (answer.kind !== 'cosigned') {
      await tellRefusal(context, witness, answer);
      return undefined;
    }
    if (witness.failures > 0)
      logger.info({ event: 'witness_answers', witness: name }, 'a witness cosigns again');
    Object.assign(witness, { size: checkpoint.size, failures: 0, notBeforeMs: 0, isRefusing: false });
    return answer.line;
  } catch (error) {
    if (shutdown.aborted) return undefined;
    if (witness.failures === 0) {
      logger.warn(
        {
          event: 'witness_away',
          witness: name,
          ...describeError(error),
          fault: describeConnectionFault(error),
          next: findTlsFault(error) === 'unknown_authority' ? MORE_AUTHORITIES : undefined,
        },
        'a witness does not cosign; the log goes on without it, and asks again',
      );
    }
    backOff(witness);
    return undefined;
  }
}

async function submit(
  { database, shutdown }: Context,
  { place, size }: Witness,
  checkpoint: Submitted,
): Promise<WitnessAnswer> {
  // A tree that was cosigned before it was shrunk has no proof: the witness says what it has.
  const from = size > checkpoint.size ? 0 : size;
  const proof = await consistencyProof(
    from,
    checkpoint.size,
    readNodes(checkpoint.size, tileReader(database)),
  );
  return await submitCheckpoint(place, checkpoint.note, from, proof, shutdown);
}

/** Another replica may have shown the witness a larger tree, but never a larger one than there is. */
async function checkAhead(context: Context, witness: Witness): Promise<void> {
  const stored = await readLogSurely(context.database);
  const size = stored?.head.size ?? 0;
  if (witness.size <= size || witness.isRefusing) return;
  witness.isRefusing = true;
  backOff(witness);
  const detail = `the witness ${witness.place.key.name} has seen ${witness.size} leaves, and the log has ${size}`;
  await raiseLogAlarm(context, { action: 'alarm.log_rolled_back', resource: 'log', detail });
}

async function tellRefusal(context: Context, witness: Witness, answer: WitnessAnswer): Promise<void> {
  backOff(witness);
  if (witness.isRefusing) return;
  witness.isRefusing = true;
  const status = answer.kind === 'refused' ? answer.status : 409;
  const detail = `the witness ${witness.place.key.name} refuses a checkpoint with status ${status}`;
  if (status === 422 || status === 409) {
    await raiseLogAlarm(context, { action: 'alarm.witness_refused', resource: 'log', detail });
  } else {
    const next = REFUSALS[status];
    context.logger.error({ event: 'witness_refuses', witness: witness.place.key.name, status, next }, detail);
  }
}

function backOff(witness: Witness): void {
  witness.failures += 1;
  const waitMs = Math.min(RETRY_MIN_MS * 2 ** (witness.failures - 1), RETRY_MAX_MS);
  witness.notBeforeMs = performance.now() + waitMs * (0.5 + Math.random() / 2);
}

function idOf({ name, id }: { readonly name: string; readonly id: number }): string {
  return `${name} ${id}`;
}
