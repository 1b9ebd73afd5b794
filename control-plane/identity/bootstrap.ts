import { createHash } from 'node:crypto';
import { create } from '@bufbuild/protobuf';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { IssuerSchema } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { reasonOf } from '../api/fail.ts';
import type { Context } from '../context.ts';
import { findIssuer } from '../storage/configuration/issuers.ts';
import { hasRole } from '../storage/configuration/role-bindings.ts';
import { ifAltered } from '../storage/sealing/altered.ts';
import { createIssuer, updateIssuer } from './issuer.ts';
import { createRoleBinding } from './role-binding.ts';

const DEFAULT_ISSUER_ID = 'default';
const GROUP_DIGEST_CHARACTERS = 12;

/** Nobody acts when the settings do: the records name the control plane only. */
const NOBODY = undefined;

/**
 * Makes what the settings say at each start, where it is absent: the issuer `issuers/default` and the role
 * bindings of the admin, reviewer and auditor groups. An `issuers/default` of another URL gets the settings' URL,
 * or nobody could log in after the provider has moved; the rest of it stays as admins made it.
 * @throws ConnectError INVALID_ARGUMENT when the settings' issuer is neither https nor on loopback
 */
export async function bootstrapIdentity(context: Context): Promise<void> {
  const { settings } = context;
  if (settings.issuer !== undefined) await bootstrapIssuer(context, settings.issuer);
  for (const group of settings.adminGroups) await bootstrapRole(context, group, Role.ADMIN, 'admin');
  for (const group of settings.reviewerGroups) await bootstrapRole(context, group, Role.REVIEWER, 'reviewer');
  for (const group of settings.auditorGroups) await bootstrapRole(context, group, Role.AUDITOR, 'auditor');
}

async function bootstrapIssuer(context: Context, issuerUrl: string): Promise<void> {
  const { settings } = context;
  const name = `issuers/${DEFAULT_ISSUER_ID}`;
  // One that was altered is made again, or nobody could log in to mend it.
  const current = await ifAltered(findIssuer(context.database, name), () => undefined);
  if (current?.spec?.issuerUrl === issuerUrl) return;
  if (current !== undefined) {
    const moved = create(IssuerSchema, { name: current.name, spec: { issuerUrl } });
    await updateIssuer(context, NOBODY, moved, undefined);
    context.logger.warn({ issuer: current.name }, 'the default issuer has moved to the URL of the settings');
    return;
  }
  const issuer = create(IssuerSchema, {
    spec: {
      issuerUrl,
      gatewayAudiences: [settings.gatewayAudience],
      controlPlaneAudiences: [settings.controlPlaneAudience],
      groupsClaim: settings.groupsClaim,
    },
  });
  await unlessMade(createIssuer(context, NOBODY, DEFAULT_ISSUER_ID, issuer));
}

async function bootstrapRole(context: Context, group: string, role: Role, word: string): Promise<void> {
  if (await hasRole(context.database, group, role)) return;
  // A group's name may have any character; an id may not.
  const digest = createHash('sha256').update(group, 'utf8').digest('hex').slice(0, GROUP_DIGEST_CHARACTERS);
  await unlessMade(createRoleBinding(context, NOBODY, `${word}-${digest}`, { group, role }));
}

/** Another replica that starts at the same time may be first. */
async function unlessMade(making: Promise<unknown>): Promise<void> {
  try {
    await making;
  } catch (error) {
    if (reasonOf(error) !== Reason.ALREADY_EXISTS) throw error;
  }
}
