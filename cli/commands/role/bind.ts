import { Command } from 'commander';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { type Role, RoleBindingSchema, RoleSchema } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { required } from '../../connect/required.ts';
import { usageFailure } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withReason } from '../../options.ts';
import { enumNumber, enumWords } from '../../output/names.ts';
import { printMessage } from '../../output/output.ts';
import { sanitiseLine } from '../../output/sanitise.ts';

const MAX_ID_LENGTH = 63;

/** `sworn role bind`. */
export function createBindCommand(): Command {
  const command = new Command('bind')
    .summary('give a group a role')
    .description('Gives the members of an OIDC group a role.')
    .argument('<group>', 'the group, as tokens name it')
    .argument('<role>', enumWords(RoleSchema).join(', '))
    .option('--id <id>', "the binding's name (default: made of role and group)")
    .action((group: string, role: string, { id }: { readonly id?: string }, self: Command) =>
      invoke(self, (invocation) => bind(invocation, group, role, id)),
    );
  return withExamples(withReason(command), ['sworn role bind privacy-office auditor', '']);
}

async function bind(
  { client, output }: Invocation,
  group: string,
  word: string,
  id: string | undefined,
): Promise<void> {
  const role = enumNumber(RoleSchema, word);
  if (role === undefined) throw usageFailure(`'${word}' is no role: ${enumWords(RoleSchema).join(', ')}`);
  const response = await client(IdentityService).createRoleBinding({
    roleBindingId: id ?? bindingId(word, group),
    roleBinding: { group, role: role as Role },
  });
  const binding = required(response.roleBinding, 'role binding');
  await printMessage(
    output,
    RoleBindingSchema,
    binding,
    () =>
      `${sanitiseLine(binding.name)}: members of ${sanitiseLine(binding.group)} are ${word.toLowerCase()}s\n`,
  );
}

/** `auditor-privacy-office` of role and group; names allow lower-case letters, digits and hyphens. */
function bindingId(role: string, group: string): string {
  return `${role}-${group}`
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, MAX_ID_LENGTH)
    .replace(/^-+|-+$/g, '');
}
