import type { Context } from '../context.ts';
import type { ClientSession } from '../storage/database.ts';

/** The context in which every change is made in this transaction, and ends with it. */
export function within(context: Context, session: ClientSession, proposal?: Context['proposal']): Context {
  const database = {
    ...context.database,
    transaction: <T>(run: (session: ClientSession) => Promise<T>) => run(session),
  };
  return { ...context, database, ...(proposal && { proposal }) };
}
