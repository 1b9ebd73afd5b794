import type { Logger } from 'pino';
import type { Seal } from '../seal.ts';

/** What migrations may need beside the database. */
export interface Means {
  readonly seal: Seal;
  readonly logger: Logger;
  /** Whether this control plane has seen the configuration of this deployment sealed (migration 15). */
  readonly hasSeenSealed: boolean;
}

/** The store cannot be used as it is; the message says what to do. */
export class StoreError extends Error {
  override readonly name = 'StoreError';
}
