// A replica that sequences and publishes until it is killed, for tests: uri, database, state directory, master key.

import { pino } from 'pino';
import { v7 as uuidv7 } from 'uuid';
import { openLog } from '../../../control-plane/log/open.ts';
import { runLog } from '../../../control-plane/log/run.ts';
import { openDatabase } from '../../../control-plane/storage/database.ts';
import { createSeal } from '../../../control-plane/storage/sealing/seal.ts';
import { readStoreTime } from '../../../control-plane/storage/store-time.ts';
import { openTestKeys } from '../../env/evidence-keys.ts';
import { defaults } from './env.ts';

const [uri = '', name = '', stateDirectory = '', masterKey = ''] = process.argv.slice(2);
const stop = new AbortController();
process.on('SIGTERM', () => stop.abort());
const logger = pino({ level: 'error' });
const seal = createSeal(Buffer.from(masterKey, 'hex'));
const database = await openDatabase({ uri, name, logger, seal });
const keys = await openTestKeys();
const context = {
  settings: { ...defaults(), stateDirectory },
  database,
  seal,
  evidenceKeys: keys.provider,
  logger,
  now: () => new Date(),
  storeTime: () => readStoreTime(database),
  shutdown: stop.signal,
  replica: uuidv7(),
};
const log = await openLog(context);
process.stdout.write('serving\n');
await runLog(context, log, { setLog: () => undefined, setWitnessesAway: () => undefined });
await keys.close();
await database.close();
