import { type MessageInitShape, protoInt64 } from '@bufbuild/protobuf';
import { type Command, InvalidArgumentError, Option } from 'commander';
import { parseMoney } from '#core/limit/money.ts';
import { parseDuration } from '#core/policy/duration.ts';
import { Authentication, type UpstreamSpecSchema } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { usageFailure } from '../../failure.ts';
import { collect } from '../../options.ts';
import { readCertificates } from '../../read.ts';
import { SECRET_SOURCES } from './secret.ts';

/** The ways of authentication as they are typed. */
export const AUTHENTICATIONS: Readonly<Record<string, Authentication>> = {
  bearer: Authentication.BEARER,
  'api-key': Authentication.API_KEY,
  'client-secret': Authentication.CLIENT_SECRET,
  'workload-identity': Authentication.WORKLOAD_IDENTITY,
  none: Authentication.NONE,
};

/** The options that say where an upstream is and how it is reached. */
export interface SpecOptions {
  readonly baseUrl?: string;
  readonly auth?: string;
  readonly entraTenant?: string;
  readonly tokenUrl?: string;
  readonly clientId?: string;
  readonly scope?: string;
  readonly organization?: string;
  readonly project?: string;
  readonly header?: readonly string[];
  readonly caFile?: string;
  readonly clientCertFile?: string;
  readonly proxy?: string;
  readonly connectTimeout?: bigint;
  readonly headersTimeout?: bigint;
  readonly idleTimeout?: bigint;
  readonly maxConcurrent?: number;
  readonly maxQueued?: number;
  readonly queueTimeout?: bigint;
  readonly http2?: boolean;
  readonly allowPlaintext?: boolean;
  readonly model?: readonly string[];
  readonly modelName?: readonly string[];
  readonly region?: readonly string[];
  readonly default?: boolean;
  readonly price?: readonly string[];
}

/** Of Azure's services for models, https://learn.microsoft.com/azure/ai-foundry/openai/how-to/managed-identity. */
const AZURE_SCOPE = 'https://cognitiveservices.azure.com/.default';

/** Adds the options of SpecOptions, but for `--base-url`, which `create` requires. */
export function withSpec(command: Command): Command {
  return command
    .addOption(
      new Option('--auth <way>', 'how planes prove themselves to it').choices(Object.keys(AUTHENTICATIONS)),
    )
    .option('--entra-tenant <id>', 'get tokens from Microsoft Entra for this tenant')
    .option('--token-url <url>', 'get tokens from this OAuth token endpoint')
    .option('--client-id <id>', 'the OAuth client that planes are there')
    .option('--scope <scope>', `what the token is for (with --entra-tenant ${AZURE_SCOPE})`)
    .option('--organization <id>', 'sent as openai-organization')
    .option('--project <id>', 'sent as openai-project')
    .option(
      '--header <header>',
      "'name: value', sent with every request, no secret; may be repeated",
      collect,
    )
    .option('--ca-file <file>', "PEM roots for it, instead of the system's ('' to take them away)")
    .option('--client-cert-file <file>', "PEM certificate chain that planes present ('' to take it away)")
    .option('--proxy <url>', "HTTP proxy that opens tunnels to it ('' for none)")
    .option('--connect-timeout <duration>', 'how long connecting may take', duration)
    .option('--headers-timeout <duration>', 'how long an answer may take to begin', duration)
    .option('--idle-timeout <duration>', 'how long it may be silent in the middle of an answer', duration)
    .option('--max-concurrent <number>', 'requests at once from one plane', count)
    .option('--max-queued <number>', 'requests that wait on one plane for one of those to end', count)
    .option('--queue-timeout <duration>', 'how long each waits at most', duration)
    .option('--http2', 'speak HTTP/2 with it where it can')
    .option('--no-http2', 'speak HTTP/1.1')
    .option('--allow-plaintext', 'allow http:// to a host that is not loopback: nothing is encrypted then')
    .option('--no-allow-plaintext', 'do not')
    .option('--model <pattern>', "a model that it serves, '*' allowed; may be repeated", collect)
    .option('--model-name <name>', "'model=name': what it calls a model; may be repeated", collect)
    .option('--region <pattern>', "a region whose planes may call it, '*' allowed; may be repeated", collect)
    .option('--default', 'it gets what no policy sends elsewhere')
    .option(
      '--price <price>',
      "'model=input/output' or 'model=input/cached input/output' for a million tokens, '*' allowed in the model; may be repeated",
      collect,
    )
    .option('--client-key-from <source>', `the key of the client certificate: ${SECRET_SOURCES}`)
    .option('--proxy-credential-from <source>', `user:password for the proxy: ${SECRET_SOURCES}`)
    .option(
      '--secret-header <header>',
      `NAME=SOURCE, sent with every request and never shown, SOURCE being ${SECRET_SOURCES}, or nothing to take it away; may be repeated`,
      collect,
    );
}

/** What was given of a spec, and the update mask paths that go with it. */
export async function readSpec(options: SpecOptions) {
  const oauth = readOAuth(options);
  const spec: MessageInitShape<typeof UpstreamSpecSchema> = {
    ...(options.baseUrl !== undefined && { baseUrl: options.baseUrl }),
    ...(options.auth !== undefined && { authentication: AUTHENTICATIONS[options.auth] ?? 0 }),
    ...(oauth !== undefined && { oauth }),
    ...(options.organization !== undefined && { organization: options.organization }),
    ...(options.project !== undefined && { project: options.project }),
    ...(options.header !== undefined && { headers: given(options.header).map(readHeader) }),
    ...(options.caFile !== undefined && { caCertificates: await readPem(options.caFile, 'the roots') }),
    ...(options.clientCertFile !== undefined && {
      clientCertificate: await readPem(options.clientCertFile, 'the client certificate'),
    }),
    ...(options.proxy !== undefined && { proxyUrl: options.proxy }),
    ...(options.connectTimeout !== undefined && { connectTimeout: { seconds: options.connectTimeout } }),
    ...(options.headersTimeout !== undefined && { headersTimeout: { seconds: options.headersTimeout } }),
    ...(options.idleTimeout !== undefined && { idleTimeout: { seconds: options.idleTimeout } }),
    ...(options.maxConcurrent !== undefined && { maxConcurrent: options.maxConcurrent }),
    ...(options.maxQueued !== undefined && { maxQueued: options.maxQueued }),
    ...(options.queueTimeout !== undefined && { queueTimeout: { seconds: options.queueTimeout } }),
    ...(options.http2 !== undefined && { http2: options.http2 }),
    ...(options.allowPlaintext !== undefined && { allowPlaintext: options.allowPlaintext }),
    ...(options.model !== undefined && { models: given(options.model) }),
    ...(options.modelName !== undefined && { modelNames: given(options.modelName).map(readModelName) }),
    ...(options.region !== undefined && { regions: given(options.region) }),
    ...(options.default !== undefined && { isDefault: options.default }),
    ...(options.price !== undefined && { prices: given(options.price).map(readPrice) }),
  };
  const paths = Object.keys(spec).map((key) => `spec.${snakeCase(key)}`);
  // Of one without tokens the old token endpoint would be in the way.
  const takesToken = options.auth === 'client-secret' || options.auth === 'workload-identity';
  if (options.auth !== undefined && !takesToken && oauth === undefined) paths.push('spec.oauth');
  return { spec, paths };
}

/** An empty one takes a list away. */
function given(list: readonly string[]): string[] {
  return list.filter((item) => item !== '');
}

function readOAuth({ entraTenant, tokenUrl, clientId, scope }: SpecOptions) {
  if (entraTenant === undefined && tokenUrl === undefined) {
    if (clientId === undefined && scope === undefined) return undefined;
    throw usageFailure('--client-id and --scope go with --entra-tenant or --token-url');
  }
  if (entraTenant !== undefined && tokenUrl !== undefined) {
    throw usageFailure('give --entra-tenant or --token-url, not both');
  }
  if (clientId === undefined) throw usageFailure('--client-id is missing: the client that planes are there');
  if (entraTenant === undefined) return { tokenUrl: tokenUrl ?? '', clientId, scope: scope ?? '' };
  const tenant = encodeURIComponent(entraTenant);
  return {
    tokenUrl: `https://login.microsoftonline.com/${tenant}/oauth2/v2.0/token`,
    clientId,
    scope: scope ?? AZURE_SCOPE,
  };
}

function readHeader(text: string): { name: string; value: string } {
  const at = text.indexOf(':');
  if (at < 1) throw usageFailure("--header takes 'name: value'");
  return { name: text.slice(0, at).trim(), value: text.slice(at + 1).trim() };
}

function readPrice(text: string) {
  const at = text.lastIndexOf('=');
  const amounts = text.slice(at + 1).split('/');
  const [input = '', second = '', third] = amounts;
  const isGood = at > 0 && (amounts.length === 2 || amounts.length === 3);
  if (!isGood || amounts.some((amount) => parseMoney(amount) === undefined)) {
    throw usageFailure(
      "--price takes 'model=input/output' or 'model=input/cached input/output': 'gpt-*=2.50/10'",
    );
  }
  const model = text.slice(0, at).trim();
  return third === undefined
    ? { model, input, output: second }
    : { model, input, cachedInput: second, output: third };
}

function readModelName(text: string): { model: string; sentAs: string } {
  const at = text.indexOf('=');
  if (at < 1 || at === text.length - 1) throw usageFailure("--model-name takes 'model=name'");
  return { model: text.slice(0, at), sentAs: text.slice(at + 1) };
}

function readPem(file: string, purpose: string): Promise<string> | string {
  return file === '' ? '' : readCertificates(file, purpose);
}

function duration(text: string): bigint {
  const seconds = parseDuration(text);
  if (seconds === undefined) throw new InvalidArgumentError('must be a duration: 45s, 30m or 2h');
  return protoInt64.parse(seconds);
}

function count(text: string): number {
  const number = Number(text);
  if (/^\d{1,6}$/.test(text)) return number;
  throw new InvalidArgumentError('must be a whole number');
}

function snakeCase(name: string): string {
  return name === 'oauth' || name === 'http2'
    ? name
    : name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
