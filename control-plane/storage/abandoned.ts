import { appNameOf, type Database } from './database.ts';

/** Our transactions send one command right after the other: one that waits this long has nobody left to end it. */
const ABANDONED_MS = 3_000;
const MICROSECONDS = 1_000;

interface IdleSession {
  readonly lsid: { readonly id: unknown };
}

/**
 * Ends transactions whose process died in their middle. The server would keep them, and what they changed locked against
 * everybody else, for a minute (`transactionLifetimeLimitSeconds`). One of a process that only stalled fails and is run
 * again. Those of other deployments on the same MongoDB have another name. A user may see and end sessions of its own without any privilege.
 *
 * @returns how many there were
 */
export async function endAbandonedTransactions({ client, db }: Database): Promise<number> {
  const admin = client.db('admin');
  const sessions = await admin
    .aggregate<IdleSession>(
      [
        { $currentOp: { allUsers: false, idleSessions: true } },
        {
          $match: {
            appName: appNameOf(db.databaseName),
            active: false,
            'transaction.timeInactiveMicros': { $gt: ABANDONED_MS * MICROSECONDS },
          },
        },
        { $project: { lsid: 1 } },
      ],
      { readConcern: { level: 'local' } },
    )
    .toArray();
  if (sessions.length > 0) {
    await admin.command({ killSessions: sessions.map(({ lsid }) => ({ id: lsid.id })) });
  }
  return sessions.length;
}
