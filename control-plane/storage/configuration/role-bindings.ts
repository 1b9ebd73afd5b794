import { create } from '@bufbuild/protobuf';
import { timestampDate, timestampFromDate } from '@bufbuild/protobuf/wkt';
import { Role, type RoleBinding, RoleBindingSchema } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import type { ClientSession, Database } from '../database.ts';
import type { Page } from '../keyset.ts';
import { sealedCollection } from '../sealing/sealed.ts';
import { findRemoved } from './configuration-changes.ts';

/** A role as it is stored. */
type RoleName = 'ADMIN' | 'REVIEWER' | 'AUDITOR';

interface RoleBindingDocument {
  readonly _id: string;
  readonly group: string;
  readonly role: RoleName;
  readonly etag: string;
  readonly createTime: Date;
}

const ROLE_NAMES = new Map<Role, RoleName>([
  [Role.ADMIN, 'ADMIN'],
  [Role.REVIEWER, 'REVIEWER'],
  [Role.AUDITOR, 'AUDITOR'],
]);

const roleBindings = sealedCollection<RoleBindingDocument>('roleBindings', {});

/** The role binding of this name. @throws AlteredError */
export async function findRoleBinding(
  database: Database,
  name: string,
  session: ClientSession,
): Promise<RoleBinding | undefined> {
  const found = await roleBindings.findOne(database, { _id: name }, { session });
  const document = roleBindings.read(database, found);
  return document && toRoleBinding(document);
}

/** Whether this group has this role. One that was altered gives none. */
export async function hasRole(database: Database, group: string, role: Role): Promise<boolean> {
  const documents = await roleBindings.find(database, { group, role: toRoleName(role) });
  return roleBindings.keep(database, documents).length > 0;
}

/** Whether any group has the role of admins. */
export async function hasAdmins(database: Database, session: ClientSession): Promise<boolean> {
  const documents = await roleBindings.find(database, { role: toRoleName(Role.ADMIN) }, { session });
  return (await inForce(database, documents)).length > 0;
}

/** The roles that any of these groups gives. */
export async function findRoles(database: Database, groups: readonly string[]): Promise<Set<Role>> {
  if (groups.length === 0) return new Set();
  const documents = await roleBindings.find(database, { group: { $in: [...groups] } });
  return new Set((await inForce(database, documents)).map(({ role }) => Role[role]));
}

/** Bindings that give a role: one that was altered, or was taken away and is back, gives none. */
async function inForce(
  database: Database,
  documents: readonly RoleBindingDocument[],
): Promise<readonly RoleBindingDocument[]> {
  const whole = roleBindings.keep(database, documents);
  const removed = await findRemoved(
    database,
    whole.map(({ _id }) => _id),
  );
  return whole.filter(({ _id }) => !removed.has(_id));
}

/** One page of role bindings by name, and one more when there is a further page. @throws AlteredError */
export async function listRoleBindings(database: Database, page: Page): Promise<RoleBinding[]> {
  const filter = page.after === undefined ? {} : { _id: { $gt: page.after } };
  const documents = await roleBindings.find(database, filter, { sort: { _id: 1 }, limit: page.limit + 1 });
  return roleBindings.readAll(database, documents).map(toRoleBinding);
}

/** Stores a new role binding. Throws a duplicate key error when its name is taken or its group has the role. */
export async function insertRoleBinding(
  database: Database,
  binding: RoleBinding,
  session: ClientSession,
): Promise<void> {
  if (binding.createTime === undefined) throw new TypeError('a role binding to store has a time');
  const document = {
    _id: binding.name,
    group: binding.group,
    role: toRoleName(binding.role),
    etag: binding.etag,
    createTime: timestampDate(binding.createTime),
  };
  const { group, role } = document;
  await roleBindings.insert(database, session, document, { group, role });
}

/** Removes the role binding of this name. */
export async function deleteRoleBinding(
  database: Database,
  name: string,
  session: ClientSession,
): Promise<void> {
  await roleBindings.remove(database, session, name);
}

function toRoleBinding(document: RoleBindingDocument): RoleBinding {
  return create(RoleBindingSchema, {
    name: document._id,
    group: document.group,
    role: Role[document.role],
    etag: document.etag,
    createTime: timestampFromDate(document.createTime),
  });
}

function toRoleName(role: Role): RoleName {
  const name = ROLE_NAMES.get(role);
  if (name === undefined) throw new TypeError(`there is no role ${role}`);
  return name;
}
