import { createHash } from 'node:crypto';
import { create, type DescMessage, type MessageShape, toJson } from '@bufbuild/protobuf';
import {
  type ConfigurationChange,
  ConfigurationChangeSchema,
} from '#proto/sworn/audit/v1/configuration_pb.ts';

/** Leaves room for the rest of a record, which is at most 64 KiB. */
const MAX_CONTENT_BYTES = 16 * 1024;
/** Of no weight for what a resource says: they are new at each change. */
const PASSING = new Set(['etag', 'revision', 'createTime', 'updateTime', 'credentialTime', 'secretTime']);

/** What a resource says, without etag and times, as JSON with its keys in order: the same bytes for the same content. */
export function contentOf<Desc extends DescMessage>(schema: Desc, message: MessageShape<Desc>): string {
  const json = toJson(schema, message) as object;
  const lasting = Object.entries(json).filter(([key]) => !PASSING.has(key));
  return JSON.stringify(inOrder(Object.fromEntries(lasting)));
}

/** Texts, or lists of them, by the names of their fields. */
type Secrets = Readonly<Record<string, { readonly length: number }>>;

/**
 * What a record says of a resource that is set or removed. No secret is in a resource as the API shows it, so none comes here.
 * @param secrets those that were given, by the names of their fields; an empty value is none
 */
export function configurationOf<Desc extends DescMessage>(
  schema: Desc,
  resource: MessageShape<Desc>,
  { secrets = {}, removed = false }: { readonly secrets?: Secrets; readonly removed?: boolean } = {},
): ConfigurationChange {
  const content = contentOf(schema, resource);
  const bytes = Buffer.from(content, 'utf8');
  return create(ConfigurationChangeSchema, {
    contentSha256: Uint8Array.from(createHash('sha256').update(bytes).digest()),
    content: bytes.length > MAX_CONTENT_BYTES ? '' : content,
    secrets: namesOf(secrets),
    removed,
  });
}

/** The names of secrets that have a value. */
export function namesOf(secrets: Secrets): string[] {
  return Object.entries(secrets).flatMap(([name, value]) => (value.length === 0 ? [] : [name]));
}

function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, inOrder(inner)]));
}
