import type { DescField, DescMessage, Message } from '@bufbuild/protobuf';
import { type ReflectMessage, reflect } from '@bufbuild/protobuf/reflect';
import { type Duration, DurationSchema, type Timestamp, TimestampSchema } from '@bufbuild/protobuf/wkt';

/** 0001-01-01 and 9999-12-31T23:59:59Z: the seconds that a Timestamp may have, as its own .proto says. */
const MIN_SECONDS = -62_135_596_800n;
const MAX_SECONDS = 253_402_300_799n;
/** Of a Duration, in both directions; some 10,000 years. */
const MAX_DURATION_SECONDS = 315_576_000_000n;
const MAX_NANOS = 999_999_999;

/**
 * The path of a time or duration in a message that is none; undefined when there is no such. Binary messages can hold them, and
 * everything that shows such a message to somebody fails, for ever where it is stored.
 */
export function findOddTime(schema: DescMessage, message: Message): string | undefined {
  return timeFields(schema).length === 0 ? undefined : findIn(reflect(schema, message, false), '');
}

function findIn(message: ReflectMessage, path: string): string | undefined {
  for (const field of timeFields(message.desc)) {
    if (!message.isSet(field)) continue;
    const at = path === '' ? field.name : `${path}.${field.name}`;
    for (const inner of messagesIn(message, field)) {
      const odd = isOdd(inner) ? at : findIn(inner, at);
      if (odd !== undefined) return odd;
    }
  }
  return undefined;
}

function messagesIn(message: ReflectMessage, field: DescField): Iterable<ReflectMessage> {
  if (field.fieldKind === 'message') return [message.get(field)];
  if (field.fieldKind === 'list') return message.get(field) as Iterable<ReflectMessage>;
  return field.fieldKind === 'map' ? (message.get(field).values() as Iterable<ReflectMessage>) : [];
}

function isOdd({ desc, message }: ReflectMessage): boolean {
  if (desc.typeName === TimestampSchema.typeName) {
    const { seconds, nanos } = message as Timestamp;
    return seconds < MIN_SECONDS || seconds > MAX_SECONDS || nanos < 0 || nanos > MAX_NANOS;
  }
  if (desc.typeName !== DurationSchema.typeName) return false;
  const { seconds, nanos } = message as Duration;
  const isMixed = (seconds > 0n && nanos < 0) || (seconds < 0n && nanos > 0);
  return (
    isMixed ||
    seconds > MAX_DURATION_SECONDS ||
    seconds < -MAX_DURATION_SECONDS ||
    Math.abs(nanos) > MAX_NANOS
  );
}

const known = new Map<DescMessage, readonly DescField[]>();

/** The fields of a message that are, or may hold, a time. */
function timeFields(schema: DescMessage): readonly DescField[] {
  let fields = known.get(schema);
  if (fields === undefined) {
    fields = schema.fields.filter(({ message }) => message && holdsTime(message, new Set([schema])));
    known.set(schema, fields);
  }
  return fields;
}

function holdsTime(schema: DescMessage, above: ReadonlySet<DescMessage>): boolean {
  if (schema.typeName === TimestampSchema.typeName || schema.typeName === DurationSchema.typeName)
    return true;
  if (above.has(schema)) return false;
  const within = new Set([...above, schema]);
  return schema.fields.some(({ message }) => message !== undefined && holdsTime(message, within));
}
