import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { unlessMissing } from '../../connect/missing.ts';
import { CommandFailure } from '../../failure.ts';
import type { Invocation } from '../../invocation.ts';
import { callerName, fullName } from '../../output/names.ts';

/** What an application can name a session: as the data plane takes it. */
const SESSION_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
/** Sessions of one name that are listed. */
const MAX_CANDIDATES = 20;

/**
 * The session that an application named so; undefined when there is none. Throws a CommandFailure that lists them when
 * there are several, of one caller each.
 */
export async function findNamed({ client }: Invocation, named: string): Promise<string | undefined> {
  if (!SESSION_NAME.test(named)) return undefined;
  const { sessions } = await client(AuditService).listSessions({ named, pageSize: MAX_CANDIDATES });
  if (sessions.length <= 1) return sessions[0]?.name;
  const candidates = sessions.map(({ name, caller }) => [name, callerName(caller) || 'not verified']);
  throw new CommandFailure(`several sessions are named ${named}, of different callers`, {
    code: 'ambiguous',
    metadata: Object.fromEntries(candidates),
    hint: `name one by its id; sworn audit sessions --named ${named} tells more of them`,
  });
}

/**
 * The full name of the session that was typed, by its id or by what an application named it. An id goes before a name. What
 * neither is there by stays as it was typed.
 */
export async function resolveSession(invocation: Invocation, typed: string): Promise<string> {
  const name = fullName('sessions', typed);
  if (name === typed || !SESSION_NAME.test(typed)) return name;
  const filter = { session: name };
  const service = invocation.client(AuditService);
  const found = await unlessMissing(service.listExchanges({ filter, pageSize: 1 }));
  if (found !== undefined) return name;
  return (await findNamed(invocation, typed)) ?? name;
}
