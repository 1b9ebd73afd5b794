import { editJson, type JsonEdit } from './edit.ts';
import { parseJson } from './json.ts';
import { RequestError } from './request/request-error.ts';

/** What stands in records and before reviewers for a secret. */
export const REDACTED = '[REDACTED]';

type Json = Record<string, unknown>;

/** Of the tools that run in a container, the member below which the domains of its network have secrets. */
const NETWORKS = new Map([
  ['shell', 'environment'],
  ['code_interpreter', 'container'],
]);

/**
 * The secrets in a request, as edits that take them out. They are the credentials with which the provider calls the tools
 * that it hosts: `authorization`, the values of `headers`, what a `server_url` has beside its host and path, and the
 * secrets of a network's domains. Only tools that the provider hosts have them: anywhere else, in a function too, a member of
 * such a name is text for the model, which reviewers and the record must have.
 */
export function findSecrets(members: object): JsonEdit[] {
  const edits: JsonEdit[] = [];
  collectFromRequest(members as Json, [], edits);
  // What a connection that stays open begins with is one level down.
  for (const key of ['response', 'session']) {
    const inner = (members as Json)[key];
    if (isObject(inner)) collectFromRequest(inner, [key], edits);
  }
  return edits;
}

type Path = readonly (string | number)[];

function collectFromRequest(request: Json, path: Path, edits: JsonEdit[]): void {
  collectFromTools(request['tools'], [...path, 'tools'], edits);
  collectFromSources(request['data_sources'], [...path, 'data_sources'], edits);
  for (const key of ['input', 'items']) {
    const items = request[key];
    if (!Array.isArray(items)) continue;
    items.forEach((item, index) => {
      if (isObject(item)) collectFromTools(item['tools'], [...path, key, index, 'tools'], edits);
    });
  }
}

/** Members of a source of data, in the spellings of all versions of Azure's API. */
const SOURCE_SECRET = /(?:key|password|token|secret|connection_?string)$/i;

/** The credentials of Azure's `data_sources`: all but its type of an `authentication`, and keys by themselves; the body's depth is bounded. */
function collectFromSources(value: unknown, path: Path, edits: JsonEdit[], isCredential = false): void {
  if (typeof value !== 'object' || value === null) {
    if (isCredential && isSecret(value) && path.at(-1) !== 'type') edits.push({ path, value: REDACTED });
    return;
  }
  for (const [key, item] of Object.entries(value)) {
    const step = Array.isArray(value) ? Number(key) : key;
    const isHidden = isCredential || /^authentication$/i.test(key) || SOURCE_SECRET.test(key);
    collectFromSources(item, [...path, step], edits, isHidden);
  }
}

/** Namespaces hold tools; the body's depth is bounded. */
function collectFromTools(tools: unknown, path: Path, edits: JsonEdit[]): void {
  if (!Array.isArray(tools)) return;
  tools.forEach((tool, index) => {
    if (!isObject(tool)) return;
    const at = [...path, index];
    for (const secret of secretsOf(tool)) edits.push({ path: [...at, ...secret.path], value: secret.shown });
    collectFromTools(tool['tools'], [...at, 'tools'], edits);
  });
}

/** Shorter ones are words that may stand in any text. */
const MIN_SECRET_CHARS = 8;

/** Of a request, or a session: they are looked for in each answer. Keys and tokens have some hundreds, certificates thousands. */
export const MAX_SECRET_CHARS = 65_536;

/**
 * The secrets themselves, as an answer may quote them: each value, without its scheme too (`Bearer ...`), and what a URL has
 * beside its host and path.
 *
 * @throws RequestError when they are too long, all together
 */
export function secretTexts(members: object, secrets: readonly JsonEdit[]): string[] {
  const texts = secrets.flatMap(({ path }) => {
    const value = path.reduce<unknown>((holder, step) => (holder as Json | undefined)?.[step], members);
    if (typeof value !== 'string') return stringsIn(value);
    if (path.at(-1) === 'server_url') return partsOfUrl(value);
    return [value, value.slice(value.indexOf(' ') + 1)];
  });
  const quoted = [...new Set(texts.filter((text) => text.length >= MIN_SECRET_CHARS))];
  if (countChars(quoted) > MAX_SECRET_CHARS) {
    throw new RequestError(
      `The credentials of tools have more than ${MAX_SECRET_CHARS} characters: send fewer.`,
      '',
    );
  }
  return quoted;
}

/** How many characters texts have together. */
export function countChars(texts: readonly string[]): number {
  return texts.reduce((sum, { length }) => sum + length, 0);
}

/** What `hideInUrl` hides, with the password by itself and the query in pieces. */
function partsOfUrl(url: string): string[] {
  const [, user = ''] = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)@/i.exec(url) ?? [];
  const [, query = ''] = /[?#](.*)$/s.exec(url) ?? [];
  return [user, user.slice(user.indexOf(':') + 1), ...query.split(/[&=#?]/)];
}

function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(stringsIn) : [];
}

/** Where a tool has secrets, and what is shown in their place. */
function secretsOf(tool: Json): { readonly path: Path; readonly shown: string }[] {
  const secrets: { path: Path; shown: string }[] = [];
  const hide = (...path: Path) => secrets.push({ path, shown: REDACTED });
  if (tool['type'] === 'mcp') {
    const { authorization, headers, server_url: url } = tool;
    if (isSecret(authorization)) hide('authorization');
    if (isObject(headers)) {
      for (const [name, value] of Object.entries(headers)) if (isSecret(value)) hide('headers', name);
    } else if (isSecret(headers)) hide('headers');
    if (typeof url === 'string' && hideInUrl(url) !== url)
      secrets.push({ path: ['server_url'], shown: hideInUrl(url) });
  }
  const key = NETWORKS.get(String(tool['type']));
  if (key === undefined) return secrets;
  const network = isObject(tool[key]) ? tool[key]['network_policy'] : undefined;
  const domains = isObject(network) ? network['domain_secrets'] : undefined;
  if (!Array.isArray(domains)) return secrets;
  domains.forEach((domain, index) => {
    const isHidden = isObject(domain) && isSecret(domain['value']);
    if (isHidden) hide(key, 'network_policy', 'domain_secrets', index, 'value');
  });
  return secrets;
}

function isSecret(value: unknown): boolean {
  return value !== undefined && value !== null && value !== '' && value !== REDACTED;
}

/** A user with password before the host, and a query, are where URLs have keys. */
function hideInUrl(url: string): string {
  return url
    .replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/?#]*@/i, `$1${REDACTED}@`)
    .replace(/[?#].*$/s, (rest) => `${rest.slice(0, 1)}${REDACTED}`);
}

/** Takes the secrets out of a tool that an answer repeats, in place; true when it had one. */
export function redactTool(tool: Json): boolean {
  const secrets = secretsOf(tool);
  for (const { path, shown } of secrets) {
    let holder: Record<string | number, unknown> = tool;
    for (const step of path.slice(0, -1)) holder = holder[step] as Record<string | number, unknown>;
    const last = path.at(-1);
    if (last !== undefined) holder[last] = shown;
  }
  return secrets.length > 0;
}

/** The body as records have it: as it came, without its secrets. */
export function redactBody(body: Uint8Array, secrets: readonly JsonEdit[]): Uint8Array {
  if (secrets.length === 0) return body;
  const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body);
  return new TextEncoder().encode(editJson(text, secrets));
}

/** Signs of a secret in what cannot be read, also where a letter is written as an escape or takes two bytes. */
const SECRET_SIGNS = /authorization|headers|domain_secrets|server_url|data_sources|\\u00[4-7]/i;

/**
 * The body of a request that is refused unread, as records have it. Where it cannot be told what is a secret in it and there
 * may be one, none of it is kept, only how long it was: it has gone nowhere.
 */
export function redactUnread(body: Uint8Array): Uint8Array {
  try {
    const value = parseJson(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(body));
    return isObject(value) ? redactBody(body, findSecrets(value)) : body;
  } catch {
    const text = new TextDecoder('latin1').decode(body).replaceAll('\0', '');
    if (!SECRET_SIGNS.test(text)) return body;
    return new TextEncoder().encode(`(${body.length} bytes that cannot be read and may hold a secret)`);
  }
}

function isObject(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
