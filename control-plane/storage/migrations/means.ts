import type { Logger } from 'pino';
import type { Database } from '../database.ts';
import type { Seal } from '../sealing/seal.ts';

/** What migrations may need beside the database. */
export interface Means {
  readonly seal: Seal;
  readonly logger: Logger;
  /** The same database as the whole has it. */
  readonly database: Database;
  /** Whether this control plane has seen the configuration of this deployment sealed (migration 15). */
  readonly hasSeenSealed: boolean;
  /** Whether its operator wants what the database has to be trusted as it stands. */
  readonly isTrusted: boolean;
}
