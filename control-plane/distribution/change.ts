import type { ConfigurationChange } from '#proto/sworn/audit/v1/configuration_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Revocation } from '#proto/sworn/identity/v1/revocation_pb.ts';
import type { PolicyChange } from '#proto/sworn/policy/v1/revision_pb.ts';
import type { ActionName } from '../audit/action-names.ts';
import { recordAction } from '../audit/actions.ts';
import type { Context } from '../context.ts';
import { bumpHead } from '../storage/configuration/heads.ts';
import type { ClientSession } from '../storage/database.ts';

/** What somebody changed. */
export interface Change {
  /** Undefined for the control plane itself. */
  readonly caller: Caller | undefined;
  /** `policy.update`. */
  readonly action: ActionName;
  /** `policies/research`. */
  readonly resource: string;
  /** Set when a plane joins: its Ed25519 key, 32 bytes. */
  readonly planeKey?: Uint8Array;
  /** Set when a policy is changed: the revision that it made. */
  readonly policyChange?: PolicyChange;
  /** Set when somebody is revoked. */
  readonly revocation?: Revocation;
  /** Set when a role binding, issuer, upstream, notifier or plane is changed: what was set. */
  readonly configuration?: ConfigurationChange;
}

/**
 * Whom a change concerns: `planes` get a new snapshot revision; `control-plane` changes (roles, join tokens) only
 * tell the replicas, since for planes nothing is new.
 */
export type ChangeScope = 'planes' | 'control-plane';

/**
 * Makes a change: the writes of `run`, the head and the record of the action, in one transaction, so that no
 * change goes unrecorded and none goes unnoticed. `run` may be called again: it has no effects but by its session.
 * @param change what it is; a function of what `run` returned where that is known only then
 * @returns what `run` returned, once a majority of the store has it
 */
export function applyChange<T>(
  context: Context,
  change: Change | ((result: T) => Change),
  run: (session: ClientSession) => Promise<T>,
  scope: ChangeScope = 'planes',
): Promise<T> {
  return context.database.transaction(async (session) => {
    // First, since two changes at once conflict here: the later one learns it before its work.
    await bumpHead(context.database, session, context.now(), scope === 'planes');
    const result = await run(session);
    await recordAction(context, session, typeof change === 'function' ? change(result) : change);
    return result;
  });
}
