import { parseDuration } from './duration.ts';
import type { Field, YamlReader } from './yaml.ts';

/** A length of time in whole seconds; undefined where it is absent, or none, which is a fault. */
export function readDuration(reader: YamlReader, field: Field | undefined): number | undefined {
  if (field === undefined) return undefined;
  const faults = reader.faults.length;
  const seconds = parseDuration(reader.readText(field));
  if (seconds === undefined && reader.faults.length === faults) {
    reader.fault(field, 'must be a duration: 45s, 30m, 2h or 1d');
  }
  return seconds;
}
