import type { Logger } from 'pino';
import type { ProposalStep } from '#proto/sworn/audit/v1/configuration_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { ControlPlaneSettings } from './config/settings.ts';
import type { KeyProvider } from './evidence-key/provider.ts';
import type { Database } from './storage/database.ts';
import type { Seal } from './storage/sealing/seal.ts';

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
  /** The time by the clock of the machine that the store's primary runs on. */
  readonly storeTime: () => Promise<Date>;
  /** Aborted when the control plane drains; streams and background jobs end by it. */
  readonly shutdown: AbortSignal;
  /** This process among its replicas, a UUIDv7 that is new at each start. */
  readonly replica: string;
  /** Set while a proposal that was approved is carried out: what is changed by it says so. */
  readonly proposal?: { readonly step: ProposalStep; readonly approvedBy: Caller };
}
