// A replica that dies within the transaction that advances the log, for tests: uri, database.
import { pino } from 'pino';
import { openDatabase } from '../../../control-plane/storage/database.ts';
import { advanceLogHead, findLog } from '../../../control-plane/storage/log.ts';

const [uri = '', name = ''] = process.argv.slice(2);
const database = await openDatabase({ uri, name, logger: pino({ level: 'silent' }) });
await database.transaction(async (session) => {
  const head = (await findLog(database, session))?.head;
  if (head === undefined) throw new Error('there is no log');
  await advanceLogHead(database, session, head, { ...head, size: head.size + 1 }, new Date());
  process.kill(process.pid, 'SIGKILL');
});
