import { usageFailure } from '../../failure.ts';
import { readStdin, readText } from '../../read.ts';

/** For the option's help. */
export const CREDENTIAL_SOURCES = 'file:PATH, env:NAME or stdin';

/**
 * The provider's key from where the option says. Never from the command line itself, which other users of
 * the machine can read. The failures name the source, never the key.
 */
export async function readCredential(
  source: string,
  env: NodeJS.ProcessEnv,
  option = '--credential-from',
): Promise<string> {
  const credential = (await readSource(source, env, option)).trim();
  if (credential === '') throw usageFailure(`the credential from ${source} is empty`);
  if (!/^[\x21-\x7e]+$/.test(credential)) {
    throw usageFailure(`the credential from ${source} holds spaces, line ends or characters that no key has`);
  }
  return credential;
}

async function readSource(source: string, env: NodeJS.ProcessEnv, option: string): Promise<string> {
  if (source === 'stdin') return readStdin();
  if (source.startsWith('file:')) return readText(source.slice('file:'.length), 'the credential file');
  if (source.startsWith('env:')) {
    const name = source.slice('env:'.length);
    const value = env[name];
    if (value === undefined) throw usageFailure(`the environment has no ${name}`);
    return value;
  }
  // The value is not repeated: somebody may have typed the key itself.
  throw usageFailure(`${option} takes ${CREDENTIAL_SOURCES}`);
}
