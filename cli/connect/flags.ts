import type { Command } from 'commander';

/** What gives a field of the API, where it is named otherwise. */
const OPTIONS: Readonly<Record<string, string>> = {
  authentication: 'auth',
  ca_certificates: 'ca-file',
  client_certificate: 'client-cert-file',
  expire_time: 'expires',
  is_default: 'default',
  page_size: 'limit',
  proxy_url: 'proxy',
  revision: 'to',
  role_binding_id: 'id',
  secret: 'slack-from',
  to: 'email',
  token_url: 'entra-tenant',
  url: 'webhook',
  window: 'for',
};
/** `spec`, `headers[3]`, `group_names["a.b"]` of a path. */
const PART = /([a-z_][a-z0-9_]*)(\[(?:\d+|"(?:[^"\\]|\\.)*")\])?/g;

/**
 * Has the API's faults, `upstream.spec.base_url: takes a URL; credential: ...`, name what the person typed: `--base-url`.
 * @param fields the paths that faults may begin with
 * @param command with the options that were given
 */
export function inFlags(message: string, fields: readonly string[], command: Command): string {
  const parts = message.split('; ').map((part) => {
    const field = fields.find((path) => part.startsWith(`${path}:`) || part.startsWith(`${path} `));
    return field === undefined ? part : `${typedOf(field, command)}${part.slice(field.length)}`;
  });
  return parts.join('; ');
}

/** The option or argument that gives a field; the field itself where it is in a file, or made here. */
function typedOf(field: string, command: Command): string {
  const parts = [...field.matchAll(PART)].map(([, word = '', index]) => ({ word, index }));
  // An option that may be repeated gives each item whole.
  const repeated = parts.filter(({ index }) => index !== undefined);
  for (const { word } of [...repeated, ...parts.toReversed()]) {
    const typed = optionOf(word, command) ?? argumentOf(word, command);
    if (typed !== undefined) return typed;
  }
  // What a request has beside options is the name of what it is about.
  const [only, ...others] = command.registeredArguments;
  const isName = only !== undefined && others.length === 0 && parts.length === 1;
  return isName ? `<${only.name()}>` : field;
}

/** Of several that give one field, that which was given. */
function optionOf(word: string, command: Command): string | undefined {
  const name = word.replaceAll('_', '-');
  const longs = [name, name.replace(/s$/, ''), `${name}-from`, OPTIONS[word] ?? name].map(
    (each) => `--${each}`,
  );
  const options = command.options.filter(({ long }) => longs.includes(long ?? ''));
  const given = options.find((option) => command.getOptionValueSource(option.attributeName()) === 'cli');
  return (given ?? options[0])?.long;
}

function argumentOf(word: string, { registeredArguments }: Command): string | undefined {
  const name = word.replaceAll('_', '-');
  return registeredArguments.some((argument) => argument.name() === name) ? `<${name}>` : undefined;
}
