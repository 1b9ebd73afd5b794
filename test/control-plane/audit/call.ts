import { create } from '@bufbuild/protobuf';
import { createContextValues, createHandlerContext, type HandlerContext } from '@connectrpc/connect';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { type Caller, CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { Role } from '#proto/sworn/identity/v1/role_binding_pb.ts';
import { personKey } from '../../../control-plane/api/identity.ts';

/** A person of these groups. */
export function person(subject: string, groups: string[] = [], email = `${subject}@example.org`): Caller {
  return create(CallerSchema, { issuer: 'https://idp.example.org', subject, email, groups });
}

/** The handler context of a call by this person, as the server's gate makes it. */
export function callBy(caller: Caller, roles: Role[], signal?: AbortSignal): HandlerContext {
  return createHandlerContext({
    // No handler under test asks which method it is.
    service: AuditService,
    method: AuditService.method.listSessions,
    protocolName: 'connect',
    requestMethod: 'POST',
    url: 'http://127.0.0.1/',
    contextValues: createContextValues().set(personKey, { caller, roles: new Set(roles) }),
    ...(signal === undefined ? {} : { requestSignal: signal }),
  });
}

export const auditor = person('audrey', ['sworn-auditors']);
export const byAuditor = (signal?: AbortSignal): HandlerContext => callBy(auditor, [Role.AUDITOR], signal);
