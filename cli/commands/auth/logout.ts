import { Command } from 'commander';
import { changeLogins } from '../../auth/change.ts';
import { type Login, loginsPath } from '../../auth/store.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { printValue } from '../../output/output.ts';

/** `sworn logout`: the login is forgotten here first, then ended at its issuer. */
export function createLogoutCommand(): Command {
  const command = new Command('logout')
    .summary('forget a login, and end it at the issuer')
    .description(
      'Forgets the login to the control plane and makes its refresh token worthless at the issuer.',
    )
    .action((_options: unknown, self: Command) => invoke(self, logout));
  return withExamples(command, ['sworn logout', '']);
}

async function logout({ controlPlane, env, output }: Invocation): Promise<void> {
  let forgotten: Login | undefined;
  await changeLogins(loginsPath(env), (logins) => {
    const { [controlPlane]: found, ...others } = logins.logins;
    if (found === undefined) return logins;
    forgotten = found;
    return { current: logins.current === controlPlane ? undefined : logins.current, logins: others };
  });
  if (forgotten?.renewal !== undefined) {
    const { revokeLogin } = await import('../../auth/issuer.ts');
    await revokeLogin(forgotten.renewal);
  }
  const was = forgotten !== undefined;
  if (output.format !== 'table') await printValue(output, { controlPlane, loggedOut: was });
  else
    await output.write(
      was ? `Logged out of ${controlPlane}\n` : `You were not logged in to ${controlPlane}\n`,
    );
}
