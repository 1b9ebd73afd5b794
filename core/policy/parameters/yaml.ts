import { fromJson, type MessageInitShape, toJson } from '@bufbuild/protobuf';
import { type Value, ValueSchema } from '@bufbuild/protobuf/wkt';
import { isScalar } from 'yaml';
import type { Parameter, ParameterSchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import type { Field, YamlReader } from '../yaml.ts';
import { PARAMETER_USES } from './compile.ts';

type ParameterInit = MessageInitShape<typeof ParameterSchema>;
const LISTS = ['allow', 'deny', 'drop'] as const;

/** The `parameters` of a policy or rule. */
export function readParameterDemands(
  reader: YamlReader,
  field: Field | undefined,
): Record<string, ParameterInit> {
  const entries = field === undefined ? undefined : reader.readMap(field);
  return Object.fromEntries(Array.from(entries ?? [], ([name, entry]) => [name, readDemand(reader, entry)]));
}

function readDemand(reader: YamlReader, field: Field): ParameterInit {
  const demand = reader.readMap(field, PARAMETER_USES);
  const [allow, deny, drop] = LISTS.map((use) => readValues(reader, demand?.get(use)));
  const force = readValue(reader, demand?.get('force'));
  const max = readMax(reader, demand?.get('max'));
  return {
    allow: allow ?? [],
    deny: deny ?? [],
    drop: drop ?? [],
    ...(force === undefined ? {} : { force }),
    ...(max === undefined ? {} : { max }),
  };
}

function readValues(reader: YamlReader, field: Field | undefined): Value[] {
  if (field === undefined) return [];
  const faults = reader.faults.length;
  const items = reader.readList(field);
  if (items.length === 0 && reader.faults.length === faults) {
    reader.fault(field, "an empty list says nothing: to refuse every value write deny: ['*']");
  }
  return items.flatMap((item) => readValue(reader, item) ?? []);
}

function readValue(reader: YamlReader, field: Field | undefined): Value | undefined {
  if (field === undefined) return undefined;
  const { node } = field;
  const value = isScalar(node) ? node.value : undefined;
  if (typeof value === 'boolean') return json(reader.readBoolean(field));
  if (typeof value === 'number') return json(reader.readNumber(field));
  return json(reader.readText(field));
}

function json(value: boolean | number | string | undefined): Value | undefined {
  // YAML's .inf and .nan are no values; compiling tells what is.
  if (typeof value === 'number' && !Number.isFinite(value)) return fromJson(ValueSchema, null);
  return value === undefined ? undefined : fromJson(ValueSchema, value);
}

function readMax(reader: YamlReader, field: Field | undefined): bigint | undefined {
  if (field === undefined) return undefined;
  const max = reader.readNumber(field);
  if (max === undefined) return undefined;
  if (Number.isSafeInteger(max)) return BigInt(max);
  reader.fault(field, 'must be a whole number');
  return undefined;
}

/** The same as YAML has them. */
export function formatParameterDemands(parameters: Readonly<Record<string, Parameter>>): object {
  return Object.fromEntries(Object.entries(parameters).map(([name, demand]) => [name, formatDemand(demand)]));
}

function formatDemand(demand: Parameter): object {
  const lists = LISTS.filter((use) => demand[use].length > 0);
  return {
    ...Object.fromEntries(lists.map((use) => [use, demand[use].map((value) => toJson(ValueSchema, value))])),
    ...(demand.force === undefined ? {} : { force: toJson(ValueSchema, demand.force) }),
    ...(demand.max === undefined ? {} : { max: Number(demand.max) }),
  };
}
