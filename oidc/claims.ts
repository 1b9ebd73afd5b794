import { create } from '@bufbuild/protobuf';
import type { JWTPayload } from 'jose';
import { type Caller, CallerKind, CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { IssuerSpec } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { type Confirmation, thumbprintsOf } from './confirmation.ts';
import { AuthenticationError, invalidToken } from './error.ts';

const DEFAULT_GROUPS_CLAIM = 'groups';
const MAX_GROUPS = 1_000;
const MAX_GROUP_LENGTH = 256;
const MAX_TEXT_LENGTH = 2_048;

/** What of an issuer's settings claims are read by. */
export type ClaimsSpec = Pick<IssuerSpec, 'groupsClaim' | 'groupNames' | 'serviceClients'>;

/**
 * Who a verified token is about. Throws AuthenticationError `invalid_token` for claims that cannot be read:
 * a group too many, cut off silently, could be the one that a policy restricts; `groups_missing` for groups that the
 * issuer has left out.
 *
 * @param spec how tokens of the issuer are read
 * @param confirmation what the token is bound to
 */
export function readCaller(payload: JWTPayload, spec: ClaimsSpec, confirmation: Confirmation): Caller {
  const subject = readText(payload, 'sub');
  if (subject === '') throw invalidToken('the token does not say whom it is about');
  const client = readClient(payload);
  const { groupNames, serviceClients } = spec;
  const groups = readGroups(payload, spec.groupsClaim === '' ? DEFAULT_GROUPS_CLAIM : spec.groupsClaim);
  const isService = serviceClients.includes(client) || isOfService(payload, subject, client);
  const caller = create(CallerSchema, {
    issuer: readText(payload, 'iss'),
    subject,
    email: readText(payload, 'email'),
    groups: groups.map((id) => (Object.hasOwn(groupNames, id) ? (groupNames[id] ?? id) : id)),
    client,
    tokenId: readText(payload, 'jti'),
    kind: isService ? CallerKind.SERVICE : CallerKind.PERSON,
    boundTo: thumbprintsOf(confirmation),
  });
  PAYLOADS.set(caller, payload);
  return caller;
}

/** What issuers call the application: RFC 9068 and OpenID Connect, then Entra in tokens of its version 1.0, and Okta. */
const CLIENT_CLAIMS = ['client_id', 'azp', 'appid', 'cid'] as const;

/** The application that a token was given to; empty where it does not say. */
function readClient(payload: JWTPayload): string {
  for (const claim of CLIENT_CLAIMS) {
    const client = readText(payload, claim);
    if (client !== '') return client;
  }
  return '';
}

/** The claims beside a caller, who goes into records: these do not. */
const PAYLOADS = new WeakMap<Caller, JWTPayload>();
const MAX_CLAIM_VALUES = 1_000;

/**
 * What a caller's token says under a name, as texts: of a list each, of an absent claim none. A claim of exactly that name
 * comes first, then a dot descends into an object. Undefined for what cannot be told so: an object, a list of such, a text
 * that is too long, too many of them.
 */
export function readClaim(caller: Caller, name: string): readonly string[] | undefined {
  const payload = PAYLOADS.get(caller) ?? {};
  const value = Object.hasOwn(payload, name) ? payload[name] : descend(payload, name.split('.'));
  if (value === undefined || value === null) return [];
  const values: readonly unknown[] = Array.isArray(value) ? value : [value];
  const isTellable = (item: unknown) =>
    typeof item === 'number' ||
    typeof item === 'boolean' ||
    (typeof item === 'string' && item.length <= MAX_TEXT_LENGTH);
  return values.length <= MAX_CLAIM_VALUES && values.every(isTellable) ? values.map(String) : undefined;
}

/**
 * Whether nobody signed in for the token: it came by client credentials. RFC 9068 section 2.2 has the client as the subject
 * then; Auth0 says it in `gty` and adds to the subject, Entra in `idtyp`, Keycloak in the user name.
 */
function isOfService(payload: JWTPayload, subject: string, client: string): boolean {
  if (client !== '' && (subject === client || subject === `${client}@clients`)) return true;
  if (payload['gty'] === 'client-credentials' || payload['idtyp'] === 'app') return true;
  const userName = payload['preferred_username'];
  return typeof userName === 'string' && userName.startsWith('service-account-');
}

/**
 * An array of strings, or one string; no groups when the claim is absent. A claim of exactly that name comes
 * first (`https://example.com/groups` has dots of its own), then a dot descends into an object.
 */
function readGroups(payload: JWTPayload, path: string): string[] {
  const value = Object.hasOwn(payload, path) ? payload[path] : descend(payload, path.split('.'));
  if (isOverage(payload, path)) {
    throw new AuthenticationError('groups_missing', 'the token does not list the groups of its bearer');
  }
  if (value === undefined || value === null) return [];
  const groups: unknown = typeof value === 'string' ? [value] : value;
  if (!Array.isArray(groups)) throw invalidToken('the groups claim is not a list');
  if (groups.length > MAX_GROUPS) throw invalidToken(`the token has more than ${MAX_GROUPS} groups`);
  const read = groups.map((group: unknown) => {
    if (typeof group !== 'string' || group.length > MAX_GROUP_LENGTH) {
      throw invalidToken(`a group is not a string of at most ${MAX_GROUP_LENGTH} characters`);
    }
    return group;
  });
  return [...new Set(read.filter((group) => group !== ''))];
}

/**
 * Whether the issuer has left the groups out because they are too many: it points to where they can be asked for (OIDC Core
 * section 5.6.2, as Entra does it beyond 200), or only says that there are some.
 */
function isOverage(payload: JWTPayload, path: string): boolean {
  const distributed = payload['_claim_names'];
  const isDistributed =
    typeof distributed === 'object' && distributed !== null && Object.hasOwn(distributed, path);
  return isDistributed || payload['hasgroups'] === true || payload['hasgroups'] === 'true';
}

function descend(value: unknown, path: readonly string[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null || !Object.hasOwn(current, key)) return undefined;
    current = (current as Record<string, unknown>)[key];
  }
  return current;
}

function readText(payload: JWTPayload, claim: string): string {
  const value = Object.hasOwn(payload, claim) ? payload[claim] : undefined;
  if (value === undefined || value === null) return '';
  if (typeof value !== 'string' || value.length > MAX_TEXT_LENGTH) {
    throw invalidToken(`the claim ${claim} is not a string of at most ${MAX_TEXT_LENGTH} characters`);
  }
  return value;
}
