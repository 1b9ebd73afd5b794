import type { Database } from './database.ts';
import { SEALED, type SealedName, sealedCollection } from './sealed.ts';

/** Of a moment, or of the past: one is looked at when it is used. */
const PASSING: ReadonlySet<string> = new Set<SealedName>(['approvals', 'joinTokens', 'policyRevisions']);

/** Looks at every document of configuration that stands for good; those that were altered are reported. */
export async function readStanding(database: Database): Promise<void> {
  for (const name of Object.keys(SEALED) as SealedName[]) {
    if (PASSING.has(name)) continue;
    const collection = sealedCollection<{ readonly _id: string }>(name);
    for await (const document of collection.of(database).find()) collection.keep(database, [document]);
  }
}
