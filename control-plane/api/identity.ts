import { createContextKey, type HandlerContext } from '@connectrpc/connect';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import type { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { fail } from './fail.ts';

/** A person who called an RPC, as their token states and the role bindings give. */
export interface Person {
  readonly caller: Caller;
  readonly roles: ReadonlySet<Role>;
}

/** A plane that called an RPC. */
export interface PlaneIdentity {
  /** `planes/{id}`. */
  readonly name: string;
  /** Ed25519, 32 bytes: what it enrolled with. */
  readonly publicKey: Uint8Array;
}

/** Set by the gate before the body is read; see access.ts for which RPCs have which. */
export const personKey = createContextKey<Person | undefined>(undefined, { description: 'person' });
/** Finds out anew who calls and whether they may, as the gate did; for calls that last. */
export const personAgainKey = createContextKey<(() => Promise<Person>) | undefined>(undefined, {
  description: 'person again',
});
export const planeKey = createContextKey<PlaneIdentity | undefined>(undefined, { description: 'plane' });

/** The person behind this call. Throws UNAUTHENTICATED where the access table let somebody else in. */
export function getPerson(context: HandlerContext): Person {
  const person = context.values.get(personKey);
  if (person === undefined) throw fail(Reason.UNAUTHENTICATED, 'this call takes a token of a person');
  return person;
}

/** The plane behind this call. Throws UNAUTHENTICATED where the access table let somebody else in. */
export function getPlane(context: HandlerContext): PlaneIdentity {
  const plane = context.values.get(planeKey);
  if (plane === undefined) throw fail(Reason.UNAUTHENTICATED, 'this call takes a token of a plane');
  return plane;
}
