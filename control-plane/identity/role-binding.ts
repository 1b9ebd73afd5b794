import { create } from '@bufbuild/protobuf';
import { timestampFromDate } from '@bufbuild/protobuf/wkt';
import { v7 as uuidv7 } from 'uuid';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';
import { Role, type RoleBinding, RoleBindingSchema } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { checkEtag } from '../api/etag.ts';
import { fail } from '../api/fail.ts';
import { configurationOf } from '../audit/configuration.ts';
import type { Context } from '../context.ts';
import { applyChange } from '../distribution/change.ts';
import {
  deleteRoleBinding,
  findRoleBinding,
  hasAdmins,
  insertRoleBinding,
} from '../storage/configuration/role-bindings.ts';
import { isDuplicateKey } from '../storage/database.ts';
import { ifAltered } from '../storage/sealing/altered.ts';

/**
 * Gives a group a role, as `roleBindings/{id}`.
 * @throws ConnectError ALREADY_EXISTS when the name is taken or the group has the role
 */
export async function createRoleBinding(
  context: Context,
  caller: Caller | undefined,
  id: string,
  wanted: Pick<RoleBinding, 'group' | 'role'>,
): Promise<RoleBinding> {
  const name = `roleBindings/${id}`;
  const binding = create(RoleBindingSchema, {
    name,
    group: wanted.group,
    role: wanted.role,
    etag: uuidv7(),
    createTime: timestampFromDate(context.now()),
  });
  try {
    await applyChange(
      context,
      {
        caller,
        action: 'roleBinding.create',
        resource: name,
        configuration: configurationOf(RoleBindingSchema, binding),
      },
      (session) => insertRoleBinding(context.database, binding, session),
      'control-plane',
    );
  } catch (error) {
    if (!isDuplicateKey(error)) throw error;
    throw fail(Reason.ALREADY_EXISTS, 'a role binding of this name, or of this group and role, exists', {
      name,
    });
  }
  return binding;
}

/**
 * Takes a role from a group.
 * @param etag where not empty, must be current
 * @throws ConnectError NOT_FOUND, ETAG_MISMATCH, LOCKS_OUT where no other binding makes admins
 */
export async function removeRoleBinding(
  context: Context,
  caller: Caller,
  name: string,
  etag: string,
): Promise<void> {
  await applyChange(
    context,
    (binding: RoleBinding) => ({
      caller,
      action: 'roleBinding.delete',
      resource: name,
      configuration: configurationOf(RoleBindingSchema, binding, { removed: true }),
    }),
    async (session) => {
      const current = await ifAltered(findRoleBinding(context.database, name, session), () =>
        create(RoleBindingSchema, { name, etag }),
      );
      if (current === undefined) throw fail(Reason.NOT_FOUND, `there is no ${name}`, { name });
      checkEtag(etag, current);
      await deleteRoleBinding(context.database, name, session);
      if (current.role === Role.ADMIN && !(await hasAdmins(context.database, session))) {
        throw fail(Reason.LOCKS_OUT, `without ${name} no group would have the role of admins`, { name });
      }
      return current;
    },
    'control-plane',
  );
}
