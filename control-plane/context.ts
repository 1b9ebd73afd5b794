import type { Logger } from 'pino';
import type { ControlPlaneSettings } from './config/settings.ts';
import type { KeyProvider } from './evidence-key/provider.ts';
import type { Database } from './storage/database.ts';
import type { Seal } from './storage/seal.ts';

/** What every part of a running control plane leans on. Made once at start. */
export interface Context {
  readonly settings: ControlPlaneSettings;
  readonly database: Database;
  /** Encrypts what must not lie in the database in the clear. */
  readonly seal: Seal;
  /** What opens payloads: prompts, answers, questions. */
  readonly evidenceKeys: KeyProvider;
  readonly logger: Logger;
  readonly now: () => Date;
  /** Aborted when the control plane drains; streams and background jobs end by it. */
  readonly shutdown: AbortSignal;
  /** This process among its replicas, a UUIDv7 that is new at each start. */
  readonly replica: string;
}
