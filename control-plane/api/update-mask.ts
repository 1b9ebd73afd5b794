import { clone, type DescField, type DescMessage, type MessageShape } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import type { FieldMask } from '@bufbuild/protobuf/wkt';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { fail } from './fail.ts';

/** The one field of a resource that callers write; name, etag and times are the control plane's. */
const WRITABLE_FIELD = 'spec';

/**
 * The resource after an update (AIP-134): `current` with the masked fields of `update`.
 *
 * @param mask Paths in snake_case under `spec`; they descend into messages, not into lists and maps. `*` replaces the
 *   spec whole. Absent or empty means every field that is set in `update`.
 * @throws ConnectError INVALID_UPDATE_MASK, with the path in its metadata
 */
export function applyMask<D extends DescMessage>(
  schema: D,
  current: MessageShape<D>,
  update: MessageShape<D>,
  mask: FieldMask | undefined,
): MessageShape<D> {
  const merged = clone(schema, current);
  const source = reflect(schema, update);
  const paths = mask === undefined || mask.paths.length === 0 ? setPaths(source) : mask.paths;
  for (const path of paths) {
    copyPath(reflect(schema, merged), source, path === '*' ? WRITABLE_FIELD : path);
  }
  return merged;
}

function setPaths(message: ReflectMessage): string[] {
  const spec = message.desc.fields.find((field) => field.name === WRITABLE_FIELD);
  return spec === undefined || !message.isSet(spec) ? [] : leavesOf(message, spec, '');
}

/** The paths of the leaves that are set at or under this field. */
function leavesOf(message: ReflectMessage, field: DescField, prefix: string): string[] {
  const path = `${prefix}${field.name}`;
  const child = childOf(message, field);
  if (child === undefined) return [path];
  return child.desc.fields
    .filter((inner) => child.isSet(inner))
    .flatMap((inner) => leavesOf(child, inner, `${path}.`));
}

function copyPath(target: ReflectMessage, source: ReflectMessage, path: string): void {
  const segments = path.split('.');
  if (segments[0] !== WRITABLE_FIELD) throw badPath(path);
  let to = target;
  let from: ReflectMessage | undefined = source;
  for (const segment of segments.slice(0, -1)) {
    const field = findField(to, segment, path);
    if (!isDescendable(field)) throw badPath(path);
    if (from !== undefined) from = from.isSet(field) ? childOf(from, field) : undefined;
    if (from === undefined && !to.isSet(field)) return;
    // Reading an unset message field yields a detached one: setting it attaches it.
    const child = to.get(field);
    to.set(field, child);
    to = child as ReflectMessage;
  }
  const leaf = findField(to, segments[segments.length - 1] ?? '', path);
  if (from?.isSet(leaf) === true) to.set(leaf, from.get(leaf));
  else to.clear(leaf);
}

function findField(message: ReflectMessage, name: string, path: string): DescField {
  const field = message.desc.fields.find((candidate) => candidate.name === name);
  if (field === undefined) throw badPath(path);
  return field;
}

/** Sworn's own messages are descended into; Google's (times, durations) are values. */
function isDescendable(field: DescField): boolean {
  return field.fieldKind === 'message' && !field.message.typeName.startsWith('google.protobuf.');
}

function childOf(message: ReflectMessage, field: DescField): ReflectMessage | undefined {
  return isDescendable(field) ? (message.get(field) as ReflectMessage) : undefined;
}

function badPath(path: string) {
  return fail(Reason.INVALID_UPDATE_MASK, `the update mask names "${path}", which cannot be written`, {
    path,
  });
}
