import { join } from 'node:path';
import type { Logger } from 'pino';
import { createNoteKey, formatNoteKey } from '#core/evidence/note/key.ts';
import { loadKeyFile } from '../program/key-file.ts';
import { describeError } from '../program/log.ts';
import { readPrivateFile } from '../program/private-file.ts';
import { replaceFile } from '../program/replace-file.ts';
import { startLocked } from '../program/state-lock.ts';
import type { WitnessSettings } from './config/settings.ts';
import { type CosignAnswer, createCosigner } from './cosign.ts';
import { hashOrigin, type Ledger, makeLedger, openLedger } from './ledger.ts';
import { type Answer, startServer } from './server.ts';

const KEY_FILE = 'witness.key';
const VERIFIER_FILE = 'witness.vkey';
const TEXT = { 'content-type': 'text/plain; charset=utf-8' };

/** A running witness. */
export interface Witness {
  /** Where it listens, with the port that it has. */
  readonly url: string;
  /** Its verifier key: what logs and auditors are given. */
  readonly vkey: string;
  /** Stops. Safe to call twice. */
  close(): Promise<void>;
}

interface StartOptions {
  readonly logger: Logger;
  readonly now?: () => number;
}

/**
 * Starts a witness: it cosigns checkpoints of the logs that it knows, each only when it goes on from the one before.
 * Throws what ends the start: another process runs on the state directory, the address is taken, or a key or a kept checkpoint
 * cannot be read.
 */
export function startWitness(settings: WitnessSettings, options: StartOptions): Promise<Witness> {
  return startLocked(settings.stateDirectory, 'witness', () => start(settings, options));
}

async function start(settings: WitnessSettings, { logger, now = Date.now }: StartOptions): Promise<Witness> {
  const { listen, logKeys, stateDirectory, tls, witnessName: name } = settings;
  const keyFile = join(stateDirectory, KEY_FILE);
  // Before the key: one without a ledger has forgotten what it signed.
  if ((await readPrivateFile(keyFile)) === undefined) await makeLedger(stateDirectory);
  const signer = await loadKeyFile(keyFile);
  const key = createNoteKey(name, signer.publicKey, 'cosignature');
  const vkey = formatNoteKey(key);
  await replaceFile(join(stateDirectory, VERIFIER_FILE), `${vkey}\n`);
  const ledger = await openLedger(stateDirectory, key);
  const origins = new Map(logKeys.map((logKey) => [hashOrigin(logKey.name), logKey.name]));
  for (const originHash of origins.keys()) await ledger.read(originHash);
  const cosign = createCosigner({ name, signer, logKeys, ledger, now });

  const handle = async (method: string, path: string, body: Uint8Array): Promise<Answer> => {
    try {
      if (path === '/add-checkpoint') {
        if (method !== 'POST') return { status: 405, headers: { allow: 'POST' }, body: '' };
        const answer = await cosign(body);
        tell(logger, answer);
        return toHttp(answer);
      }
      return await find(method, path, origins, ledger);
    } catch (error) {
      logger.error(
        { event: 'not_answered', ...describeError(error) },
        'a request failed; nothing was cosigned',
      );
      return { status: 500, headers: TEXT, body: 'the log of the witness says more\n' };
    }
  };
  const server = await startServer(listen, tls, handle);
  logger.info({ url: server.url, vkey, logs: [...origins.values()] }, 'serving');
  let closing: Promise<void> | undefined;
  return {
    url: server.url,
    vkey,
    close: () => {
      closing ??= server.close(settings.drainDeadline);
      return closing;
    },
  };
}

/** `/{origin hash}/checkpoint`, for monitors; and a probe. */
async function find(
  method: string,
  path: string,
  origins: ReadonlyMap<string, string>,
  ledger: Ledger,
): Promise<Answer> {
  if (method !== 'GET') return { status: 405, headers: { allow: 'GET' }, body: '' };
  if (path === '/healthz/live' || path === '/healthz/ready')
    return { status: 200, headers: TEXT, body: 'ok\n' };
  const originHash = /^\/([0-9a-f]{64})\/checkpoint$/.exec(path)?.[1] ?? '';
  const kept = origins.has(originHash) ? await ledger.read(originHash) : undefined;
  if (kept === undefined) return { status: 404, headers: TEXT, body: 'there is no such path here\n' };
  return { status: 200, headers: TEXT, body: kept.note };
}

function toHttp(answer: CosignAnswer): Answer {
  if (answer.status === 200) return { status: 200, headers: TEXT, body: answer.line };
  if (answer.status === 409) {
    return { status: 409, headers: { 'content-type': 'text/x.tlog.size' }, body: `${answer.size}\n` };
  }
  return { status: answer.status, headers: TEXT, body: `${answer.reason}\n` };
}

/** A signed checkpoint that does not go on from the last one is what a witness is for. */
function tell(logger: Logger, answer: CosignAnswer): void {
  if (answer.status === 200) {
    const { origin, size } = answer.checkpoint;
    logger.info({ event: 'cosigned', origin, size }, 'cosigned');
  } else if (answer.status === 422) {
    logger.error(
      { event: 'inconsistent', reason: answer.reason },
      'ALARM: a log signed what it cannot prove',
    );
  } else {
    logger.info({ event: 'not_cosigned', ...answer }, 'not cosigned');
  }
}
