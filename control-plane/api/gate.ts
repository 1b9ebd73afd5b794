import { createContextKey, type HandlerContext } from '@connectrpc/connect';
import { v7 as uuidv7 } from 'uuid';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { RoleSchema } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { type Access, accessOf } from './access.ts';
import { fail } from './fail.ts';
import { type Person, type PlaneIdentity, personAgainKey, personKey, planeKey } from './identity.ts';

/** How callers prove who they are; each throws a ConnectError. */
export interface Authenticators {
  person(token: string): Promise<Person>;
  plane(token: string): Promise<PlaneIdentity>;
}

/** The id under which the log has a call; the caller gets it as the header `x-request-id`. */
export const requestIdKey = createContextKey('', { description: 'request id' });

/**
 * Lets a call in or not, before any of its body is read: the access table says who may, their token says who they are.
 * @throws ConnectError DRAINING, UNAUTHENTICATED, ROLE_REQUIRED, or what the authenticator says
 */
export async function admit(
  call: HandlerContext,
  authenticators: Authenticators,
  isDraining: () => boolean,
): Promise<void> {
  const id = uuidv7();
  call.values.set(requestIdKey, id);
  call.responseHeader.set('x-request-id', id);
  const access = accessOf(call.method);
  if (access === 'anyone') return;
  if (isDraining()) throw fail(Reason.DRAINING, 'this control plane is stopping; try again');
  const token = readBearer(call.requestHeader);
  if (access === 'plane') {
    call.values.set(planeKey, await authenticators.plane(token));
    return;
  }
  const admitPerson = async (): Promise<Person> => {
    const person = await authenticators.person(token);
    checkRole(person, access);
    return person;
  };
  call.values.set(personKey, await admitPerson());
  call.values.set(personAgainKey, admitPerson);
}

function checkRole(person: Person, access: Exclude<Access, 'plane' | 'anyone'>): void {
  if (access === 'person' || access.some((role) => person.roles.has(role))) return;
  const roles = access
    .map((role) => RoleSchema.value[role]?.name.slice('ROLE_'.length).toLowerCase())
    .join(' or ');
  throw fail(Reason.ROLE_REQUIRED, `this takes the role ${roles || 'of nobody'}`, { roles });
}

function readBearer(header: Headers): string {
  const token = /^Bearer +([^\s,]+)$/i.exec(header.get('authorization') ?? '')?.[1];
  if (token === undefined) {
    throw fail(Reason.UNAUTHENTICATED, 'this takes a bearer token in the authorization header');
  }
  return token;
}
