// A replica that dies within the transaction that advances the log, for tests: uri, database.
import { advanceLogHead, findLog } from '../../../control-plane/storage/log/log.ts';
import { openToLook } from '../../env/mongo.ts';

const [uri = '', name = ''] = process.argv.slice(2);
const database = await openToLook(uri, name);
await database.transaction(async (session) => {
  const log = await findLog(database, session);
  if (log === undefined) throw new Error('there is no log');
  await advanceLogHead(database, session, log, { ...log.head, size: log.head.size + 1 }, new Date());
  process.kill(process.pid, 'SIGKILL');
});
