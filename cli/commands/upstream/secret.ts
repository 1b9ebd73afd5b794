import { usageFailure } from '../../failure.ts';
import { readStdin, readText } from '../../read.ts';

/** For the help of options. */
export const SECRET_SOURCES = 'file:PATH, env:NAME or stdin';

/** The options that say where secrets are. */
export interface SecretOptions {
  readonly credentialFrom?: string;
  readonly clientKeyFrom?: string;
  readonly proxyCredentialFrom?: string;
  /** Each `NAME=SOURCE`; without a source the header is taken away. */
  readonly secretHeader?: readonly string[];
}

/**
 * The secrets from where the options say; empty where they say nothing. Never from the command line itself, which other
 * users of the machine can read. The failures name the source, never the secret.
 */
export async function readSecrets(options: SecretOptions, env: NodeJS.ProcessEnv) {
  const headers = (options.secretHeader ?? []).map(splitHeader);
  const { credentialFrom, clientKeyFrom, proxyCredentialFrom } = options;
  const sources = [
    credentialFrom,
    clientKeyFrom,
    proxyCredentialFrom,
    ...headers.map(({ source }) => source),
  ];
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
    secretHeaders: await readHeaders(headers, env),
  };
}

function splitHeader(text: string): { readonly name: string; readonly source: string } {
  const at = text.indexOf('=');
  // What is not repeated may be the secret itself.
  if (at < 1) throw usageFailure(`--secret-header takes NAME=SOURCE, SOURCE being ${SECRET_SOURCES}`);
  return { name: text.slice(0, at), source: text.slice(at + 1) };
}

async function readHeaders(headers: readonly ReturnType<typeof splitHeader>[], env: NodeJS.ProcessEnv) {
  const read: { name: string; value: string }[] = [];
  for (const { name, source } of headers) {
    const value =
      source === '' ? '' : await readSecret('value of the header', '--secret-header', source, env);
    if (!/^[\x20-\x7e]*$/.test(value)) {
      throw usageFailure(`the value from ${source} holds line ends or characters that no header has`);
    }
    read.push({ name, value });
  }
  return read;
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
    if (value === undefined) {
      throw usageFailure(`the environment has no ${name}`, `export ${name}, or give file:PATH or stdin`);
    }
    return value;
  }
  // The value is not repeated: somebody may have typed the secret itself.
  throw usageFailure(`${option} takes ${SECRET_SOURCES}`);
}
