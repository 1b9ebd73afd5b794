import { type Timestamp, timestampDate } from '@bufbuild/protobuf/wkt';
import type { Issuer } from '#proto/sworn/identity/v1/issuer_pb.ts';
import type { Policy } from '#proto/sworn/policy/v1/policy_pb.ts';
import { isOlder, isRemoved, readRecordedChanges } from '../storage/configuration/configuration-changes.ts';
import type { GrantDocument } from '../storage/configuration/grants.ts';
import type { SealedUpstream } from '../storage/configuration/upstreams.ts';
import type { ClientSession, Database } from '../storage/database.ts';
import { AlteredError } from '../storage/sealing/altered.ts';

/** What goes into a snapshot and can be put back into the database as it once was. */
export interface Configured {
  readonly policies: readonly Policy[];
  readonly issuers: readonly Issuer[];
  readonly upstreams: readonly SealedUpstream[];
  readonly grants: readonly GrantDocument[];
}

/**
 * Holds configuration to the record of its changes: without issuers, upstreams and grants that were removed, though they are in
 * the database. A policy is not left out for a record's sake, which somebody may have made up: it may be one that denies.
 * @throws AlteredError when something is as it was before its last change, or a policy was removed and is back
 */
export async function keepRecorded(
  database: Database,
  session: ClientSession,
  { policies, issuers, upstreams, grants }: Configured,
): Promise<Configured> {
  const changing = [...policies, ...issuers, ...upstreams.map(({ upstream }) => upstream)];
  const names = [...changing.map(({ name }) => name), ...grants.map(({ _id }) => _id)];
  const recorded = await readRecordedChanges(database, session, names);
  const isKept = (name: string): boolean => {
    const changes = recorded.get(name);
    return changes === undefined || !isRemoved(name, changes);
  };
  const older = changing.filter(
    ({ name, updateTime }) => isKept(name) && isOlder(recorded.get(name), dateOf(updateTime)),
  );
  const [first, ...others] = [...older, ...policies.filter(({ name }) => !isKept(name))].map(
    ({ name }) => name,
  );
  if (first !== undefined) throw new AlteredError([first, ...others], 'delete it, then apply it anew');
  return {
    policies,
    issuers: issuers.filter(({ name }) => isKept(name)),
    upstreams: upstreams.filter(({ upstream }) => isKept(upstream.name)),
    grants: grants.filter(({ _id }) => isKept(_id)),
  };
}

function dateOf(time: Timestamp | undefined): Date | undefined {
  return time && timestampDate(time);
}
