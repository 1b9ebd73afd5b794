import type { Connection } from './connection.ts';
/** Serves a Realtime connection to its end. */
export async function serveRealtime(_connection: Connection): Promise<void> {}
