import type { WhoAmIResponse } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { RoleSchema } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { renderFields } from '../../output/fields.ts';
import { enumWord } from '../../output/names.ts';

/** Who somebody is to the control plane, for people. */
export function renderPerson(person: WhoAmIResponse): string {
  const roles = person.roles.map((role) => enumWord(RoleSchema, role)).join(', ');
  return renderFields([
    ['subject', person.caller?.subject ?? ''],
    ['e-mail', person.caller?.email ?? ''],
    ['issuer', person.caller?.issuer ?? ''],
    ['groups', person.caller?.groups.join(', ') ?? ''],
    ['roles', roles === '' ? 'none' : roles],
  ]);
}
