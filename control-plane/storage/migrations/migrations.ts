import type { Db } from 'mongodb';
import { createCollections } from './0001-create-collections.ts';
import { createRetention } from './0003-create-retention.ts';
import { createStitching } from './0008-create-stitching.ts';
import { createPolicyRevisions } from './0009-create-policy-revisions.ts';
import { sealConfiguration } from './0015-seal-configuration.ts';
import { listBreakGlass } from './0016-list-break-glass.ts';
import { makeRosters } from './0017-make-rosters.ts';
import { addIndexes } from './0018-add-indexes.ts';
import { sealRecords } from './0019-seal-records.ts';
import { sealReceipt } from './0021-seal-receipt.ts';
import type { Means } from './means.ts';

/** One step of the store's shape. It may be run again after it was interrupted, and by two replicas at once. */
export interface Migration {
  /** 1, 2, 3, … without gaps. */
  readonly version: number;
  readonly name: string;
  up(db: Db, means: Means): Promise<void>;
}

/** Every migration, oldest first. A released one is never changed. */
export const MIGRATIONS: readonly Migration[] = [
  { version: 1, name: 'create-collections', up: createCollections },
  { version: 2, name: 'create-evidence', up: createCollections },
  { version: 3, name: 'create-retention', up: createRetention },
  { version: 4, name: 'create-revocations', up: createCollections },
  { version: 5, name: 'create-grants', up: createCollections },
  { version: 6, name: 'widen-upstreams', up: createCollections },
  { version: 7, name: 'relax-policies', up: createCollections },
  { version: 8, name: 'create-stitching', up: createStitching },
  { version: 9, name: 'create-policy-revisions', up: createPolicyRevisions },
  { version: 10, name: 'create-notifications', up: createCollections },
  { version: 11, name: 'create-reviews', up: createCollections },
  { version: 12, name: 'observe-policies', up: createCollections },
  { version: 13, name: 'create-proposals', up: createCollections },
  { version: 14, name: 'create-usage', up: createCollections },
  { version: 15, name: 'seal-configuration', up: sealConfiguration },
  { version: 16, name: 'list-break-glass', up: listBreakGlass },
  { version: 17, name: 'make-rosters', up: makeRosters },
  { version: 18, name: 'add-indexes', up: addIndexes },
  { version: 19, name: 'seal-records', up: sealRecords },
  { version: 20, name: 'find-unalarmed', up: createCollections },
  { version: 21, name: 'seal-receipt', up: sealReceipt },
  { version: 22, name: 'rotate-master-keys', up: createCollections },
];
