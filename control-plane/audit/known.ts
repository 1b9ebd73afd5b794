import { isEntityName } from '#core/phi/entities.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { fail } from '../api/fail.ts';
import { listAllPolicies } from '../storage/configuration/policies.ts';
import { listRevisions } from '../storage/configuration/policy-revisions.ts';
import type { Database } from '../storage/database.ts';
import { type ExchangeQuery, findExchange, listExchanges } from '../storage/record/exchanges.ts';
import { isActionName } from './action-names.ts';

/** What a list can be asked for by name; empty where it is not. */
interface Names {
  readonly policy?: string;
  readonly session?: string;
  readonly exchange?: string;
  readonly entity?: string;
  readonly action?: string;
}

/**
 * Refuses to list nothing for a name that there never was: who mistyped it would take that for an answer. What was deleted or
 * erased is still known by what it left behind.
 * @throws ConnectError NOT_FOUND
 */
export async function requireKnown(database: Database, names: Names): Promise<void> {
  const { policy = '', session = '', exchange = '', entity = '', action = '' } = names;
  if (policy !== '' && !(await isKnownPolicy(database, policy))) throw missing(policy);
  if (session !== '' && !(await hasExchange(database, { session }))) throw missing(session);
  if (exchange !== '' && (await findExchange(database, exchange)) === undefined) throw missing(exchange);
  if (entity !== '' && !(await isKnownEntity(database, entity))) {
    throw fail(Reason.NOT_FOUND, `there is no entity ${entity}, and nothing of it was found`, {
      name: `entities/${entity}`,
    });
  }
  if (action !== '' && !isActionName(action)) {
    throw fail(Reason.NOT_FOUND, `there is no action ${action}`, { name: `actions/${action}` });
  }
}

function missing(name: string) {
  return fail(Reason.NOT_FOUND, `${name} does not exist`, { name });
}

async function isKnownPolicy(database: Database, policy: string): Promise<boolean> {
  const revisions = await listRevisions(database, policy, undefined, 1);
  return revisions.length > 0 || (await hasExchange(database, { policy }));
}

/** Detectors of others find entities that no policy names. */
async function isKnownEntity(database: Database, entity: string): Promise<boolean> {
  if (isEntityName(entity)) return true;
  const policies = await listAllPolicies(database);
  if (policies.some(({ spec }) => Object.hasOwn(spec?.identifiers ?? {}, entity))) return true;
  return hasExchange(database, { entity });
}

async function hasExchange(database: Database, query: ExchangeQuery): Promise<boolean> {
  return (await listExchanges(database, query, 1, undefined, 1)).length > 0;
}
