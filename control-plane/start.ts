import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { describeError } from '../program/log.ts';
import { startLocked } from '../program/state-lock.ts';
import { fail } from './api/fail.ts';
import { createRpcHandler } from './api/handler.ts';
import { answerProbe } from './api/probes.ts';
import { createRoutes } from './api/routes.ts';
import { type NodeServerRequest, type NodeServerResponse, sendJson, startServer } from './api/server.ts';
import { runExpiry } from './approval/expire.ts';
import { runAlterations, tellOfAlterations } from './audit/altered.ts';
import { isToTrust, trustDatabase, trustMasterKeys } from './audit/trust.ts';
import type { ControlPlaneSettings } from './config/settings.ts';
import type { Context } from './context.ts';
import { loadMaskingKey } from './distribution/masking-key.ts';
import { checkMasterKey, loadSigningKey } from './distribution/signing-key.ts';
import { loadEvidenceKeys } from './evidence-key/load.ts';
import { openEvidenceKeys } from './evidence-key/open.ts';
import { Health, watchStore } from './health.ts';
import { bootstrapIdentity } from './identity/bootstrap.ts';
import { type Log, openLog } from './log/open.ts';
import { runLog } from './log/run.ts';
import { createLogHandler } from './log/serve.ts';
import { runDelivery } from './notification/deliver.ts';
import { runSweep } from './retention/sweep.ts';
import { runOverdue } from './review/overdue.ts';
import { isStoreUnavailable, openDatabase } from './storage/database.ts';
import { StoreError } from './storage/error.ts';
import { migrate } from './storage/migrations/migrate.ts';
import { describeOutage } from './storage/outage.ts';
import { openRosterMemory } from './storage/roster/roster-memory.ts';
import { type MasterKeys, openMasterKeys } from './storage/sealing/master-keys.ts';
import { MasterKeyError, SealError } from './storage/sealing/seal.ts';
import { hasSeenSealed, rememberSealed } from './storage/sealing/sealed-memory.ts';
import { readStoreTime } from './storage/store-time.ts';

const STORE_RETRY_MS = 1_000;

/** A running control plane. */
export interface ControlPlane {
  /** Where it listens, with the port that it has. */
  readonly url: string;
  /** Drains and stops. Safe to call twice. */
  close(): Promise<void>;
}

interface StartOptions {
  readonly logger: Logger;
  readonly signal?: AbortSignal;
  /** A stack of `sworn dev`: what only development may do is not warned of. */
  readonly isDevelopment?: boolean;
}

/**
 * Starts a control plane: listens (probes answer from now on), waits for the store as long as it takes, migrates it,
 * makes what the settings say, serves. Returns once it serves.
 *
 * Throws what ends the start: another process runs on the state directory, the address is taken, a key file cannot be read,
 * the store refuses or is of a newer version, or `signal` aborts. Everything is closed then.
 */
export function startControlPlane(
  settings: ControlPlaneSettings,
  options: StartOptions,
): Promise<ControlPlane> {
  return startLocked(settings.stateDirectory, 'control plane', () => start(settings, options));
}

async function start(settings: ControlPlaneSettings, options: StartOptions): Promise<ControlPlane> {
  const { logger } = options;
  const health = new Health();
  const drain = new AbortController();
  const hardStop = new AbortController();
  const replica = uuidv7();
  const masterKeys = await openMasterKeys(settings.stateDirectory, replica);
  const { seal } = masterKeys;
  const evidenceKeys = openEvidenceKeys(settings, options.isDevelopment ?? false, logger);
  const { mongodbUri: uri, mongodbDatabase: name } = settings;
  const memory = await openRosterMemory(settings.stateDirectory);
  const beforeTransaction = (): Promise<void> => masterKeys.freshen(database);
  const database = await openDatabase({ uri, name, logger, seal, memory, beforeTransaction });
  const context: Context = {
    settings,
    database,
    seal,
    evidenceKeys,
    logger,
    now: () => new Date(),
    storeTime: () => readStoreTime(database),
    shutdown: drain.signal,
    replica,
  };
  const told = tellOfAlterations(context);
  type Serve = (request: NodeServerRequest, response: NodeServerResponse) => boolean;
  let serveLog: Serve = () => false;
  let serveRpc: Serve = () => false;
  const server = await startServer(settings.listen, settings.tls, (request, response) => {
    if (answerPlain(request, response, health) || serveLog(request, response)) return;
    if (serveRpc(request, response)) return;
    refuse(response, health);
  }).catch(async (error: unknown) => {
    await database.close();
    throw error;
  });
  const jobs: Promise<void>[] = [];
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    health.enter('draining');
    drain.abort(fail(Reason.DRAINING, 'this control plane is stopping; connect again'));
    await server.close(settings.drainDeadline, () => {
      logger.warn({ deadlineMs: settings.drainDeadline }, 'calls still run at the deadline; ending them');
      hardStop.abort(fail(Reason.DRAINING, 'this control plane has stopped'));
    });
    await Promise.all(jobs);
    await told();
    await masterKeys.leave(database);
    await database.close();
  };
  try {
    logger.info({ url: server.url, replica: context.replica }, 'listening; waiting for the store');
    const signal =
      options.signal === undefined ? drain.signal : AbortSignal.any([drain.signal, options.signal]);
    const log = await prepareStore(context, masterKeys, signal);
    health.setStore(true);
    serveLog = createLogHandler(context, log);
    serveRpc = createRpcHandler(createRoutes(context, health, hardStop.signal), logger);
    jobs.push(
      watchStore(database, masterKeys, health, logger, drain.signal),
      runAlterations(context),
      runExpiry(context),
      runSweep(context),
      runLog(context, log, health),
      runDelivery(context),
      runOverdue(context),
    );
    health.enter('running');
    logger.info({ url: server.url }, 'serving');
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url: server.url,
    close: () => {
      closing ??= close();
      return closing;
    },
  };
}

/** Waits for the store as long as it takes; what it refuses ends the start. */
async function prepareStore(context: Context, masterKeys: MasterKeys, signal: AbortSignal): Promise<Log> {
  const { database, logger, replica, settings } = context;
  const aborted = once(signal, 'abort').then((): never => {
    throw signal.reason;
  });
  const prepare = async (): Promise<Log> => {
    await database.ping();
    const isTrusted = await isToTrust(settings.stateDirectory);
    await masterKeys.look(database, isTrusted);
    requireMasterKeys(masterKeys);
    // Before anything is sealed with it: another key would make the whole configuration count as altered.
    await checkMasterKey(context);
    if (isTrusted) await trustMasterKeys(context, masterKeys);
    const isSeen = await hasSeenSealed(settings.stateDirectory);
    await migrate(database, replica, signal, { hasSeenSealed: isSeen && !isTrusted, isTrusted });
    if (isTrusted) await trustDatabase(context);
    if (!isSeen) await rememberSealed(settings.stateDirectory);
    await bootstrapIdentity(context);
    // What other replicas sealed must open here, or planes and auditors would find out much later.
    await loadSigningKey(context, 'snapshot');
    await loadSigningKey(context, 'receipt');
    await loadMaskingKey(context);
    await loadEvidenceKeys(context);
    return await openLog(context);
  };
  for (;;) {
    signal.throwIfAborted();
    try {
      return await Promise.race([prepare(), aborted]);
    } catch (error) {
      if (error instanceof SealError) throw wrongMasterKey(context);
      if (error instanceof MasterKeyError) throw new StoreError(error.message);
      if (signal.aborted || !isStoreUnavailable(error)) throw error;
      const { error: name, code } = describeError(error);
      const servers = describeOutage(error, database.client);
      logger.warn({ error: name, code, servers }, 'the store does not answer yet; trying again');
    }
    await sleep(STORE_RETRY_MS, undefined, { signal });
  }
}

/** Each that is in use has to be here: what hangs on one that is not would be lost to this replica. @throws StoreError */
function requireMasterKeys({ missing, describeMissing }: MasterKeys): void {
  const [id] = missing;
  if (id !== undefined) throw new StoreError(describeMissing(id));
}

function wrongMasterKey({ settings }: Context): StoreError {
  return new StoreError(
    `the database ${settings.mongodbDatabase} is sealed with another master key than the one in ` +
      `${settings.stateDirectory}; copy master.key and master-keys from the state directory of a control plane that uses this database`,
  );
}

function answerPlain(request: NodeServerRequest, response: NodeServerResponse, health: Health): boolean {
  const answer = request.method === 'GET' ? answerProbe(request.url ?? '', health) : undefined;
  if (answer === undefined) return false;
  sendJson(response, answer.status, answer.body);
  return true;
}

/** In Connect's error form, which its clients read: https://connectrpc.com/docs/protocol/#error-codes */
function refuse(response: NodeServerResponse, health: Health): void {
  if (health.phase === 'starting') {
    sendJson(response, 503, { code: 'unavailable', message: 'this control plane is starting; try again' });
  } else {
    sendJson(response, 404, { code: 'unimplemented', message: 'there is no such path here' });
  }
}
