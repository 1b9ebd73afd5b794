import { usageFailure } from '../../failure.ts';
import { readStdin, readText } from '../../read.ts';

/** For the help of options. */
export const SECRET_SOURCES = 'file:PATH, env:NAME or stdin';

/** The options that say where secrets are. */
export interface SecretOptions {
  readonly credentialFrom?: string;
  readonly clientKeyFrom?: string;
  readonly proxyCredentialFrom?: string;
}

/**
 * The secrets from where the options say; empty where they say nothing. Never from the command line itself, which other
 * users of the machine can read. The failures name the source, never the secret.
 */
export async function readSecrets(options: SecretOptions, env: NodeJS.ProcessEnv) {
  const sources = [options.credentialFrom, options.clientKeyFrom, options.proxyCredentialFrom];
  if (sources.filter((source) => source === 'stdin').length > 1) {
    throw usageFailure('only one secret can come from stdin');
  }
  return {
    credential: await readCredential(options.credentialFrom, env),
    clientKey: await readSecret('client key', '--client-key-from', options.clientKeyFrom, env),
    proxyCredential: await readSecret(
      'proxy credential',
      '--proxy-credential-from',
      options.proxyCredentialFrom,
      env,
    ),
  };
}

/**
 * One credential from where an option says; empty where it says nothing. As readSecrets it takes none from the command line
 * and names none in a failure.
 */
export async function readCredential(
  source: string | undefined,
  env: NodeJS.ProcessEnv,
  option = '--credential-from',
): Promise<string> {
  const credential = await readSecret('credential', option, source, env);
  if (credential !== '' && !/^[\x21-\x7e]+$/.test(credential)) {
    throw usageFailure(`the credential from ${source} holds spaces, line ends or characters that no key has`);
  }
  return credential;
}

async function readSecret(
  what: string,
  option: string,
  source: string | undefined,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  if (source === undefined) return '';
  const secret = (await readSource(what, option, source, env)).trim();
  if (secret === '') throw usageFailure(`the ${what} from ${source} is empty`);
  return secret;
}

async function readSource(
  what: string,
  option: string,
  source: string,
  env: NodeJS.ProcessEnv,
): Promise<string> {
  if (source === 'stdin') return readStdin();
  if (source.startsWith('file:')) return readText(source.slice('file:'.length), `the ${what} file`);
  if (source.startsWith('env:')) {
    const name = source.slice('env:'.length);
    const value = env[name];
    if (value === undefined) throw usageFailure(`the environment has no ${name}`);
    return value;
  }
  // The value is not repeated: somebody may have typed the secret itself.
  throw usageFailure(`${option} takes ${SECRET_SOURCES}`);
}
