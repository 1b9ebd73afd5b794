import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { CommandFailure } from '../../failure.ts';
import type { Invocation } from '../../invocation.ts';
import { callerName } from '../../output/names.ts';

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
    hint: `replay one by its id; sworn audit sessions --named ${named} tells more of them`,
  });
}
