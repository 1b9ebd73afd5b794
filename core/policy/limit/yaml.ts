import type { MessageInitShape } from '@bufbuild/protobuf';
import { isScalar } from 'yaml';
import { parseMoney } from '#core/limit/money.ts';
import { type Limit, type LimitSchema, LimitScope } from '#proto/sworn/policy/v1/policy_pb.ts';
import { formatDuration } from '../duration.ts';
import { readDuration } from '../read-duration.ts';
import type { Field, YamlReader } from '../yaml.ts';

type LimitInit = MessageInitShape<typeof LimitSchema>;

const LIMIT_KEYS = ['name', 'per', 'requests', 'tokens', 'cost', 'every'] as const;
const AMOUNTS = ['requests', 'tokens', 'cost'] as const;

/** Whose requests are counted together, as people write it. */
const SCOPES: Readonly<Record<string, LimitScope>> = {
  caller: LimitScope.CALLER,
  group: LimitScope.GROUP,
  policy: LimitScope.POLICY,
};

/** The `limits` of a policy or rule. */
export function readLimits(reader: YamlReader, field: Field | undefined): LimitInit[] {
  return reader.readList(field).map((item) => readLimit(reader, item));
}

function readLimit(reader: YamlReader, field: Field): LimitInit {
  const limit = reader.readMap(field, LIMIT_KEYS);
  const every = readDuration(reader, limit?.get('every'));
  if (limit !== undefined && !limit.has('every')) {
    reader.fault({ node: field.node, path: `${field.path}.every` }, 'missing: a time, such as 1h');
  }
  return {
    name: reader.readText(limit?.get('name')),
    per: readScope(reader, field, limit?.get('per')),
    ...readAmount(reader, field, limit),
    ...(every === undefined ? {} : { every: { seconds: BigInt(every) } }),
  };
}

function readScope(reader: YamlReader, limit: Field, field: Field | undefined): LimitScope {
  const words = `must be one of ${Object.keys(SCOPES).join(', ')}`;
  const faults = reader.faults.length;
  const text = reader.readText(field);
  const scope = Object.hasOwn(SCOPES, text) ? SCOPES[text] : undefined;
  if (scope === undefined && reader.faults.length === faults) {
    reader.fault(field ?? { node: limit.node, path: `${limit.path}.per` }, words);
  }
  return scope ?? LimitScope.UNSPECIFIED;
}

function readAmount(
  reader: YamlReader,
  field: Field,
  limit: ReadonlyMap<string, Field> | undefined,
): Pick<Exclude<LimitInit, Limit>, 'amount'> {
  const given = AMOUNTS.filter((key) => limit?.has(key));
  const [unit] = given;
  if (limit !== undefined && given.length !== 1) {
    reader.fault(field, `a limit needs exactly one of ${AMOUNTS.join(', ')}`);
  }
  const amount = unit && limit?.get(unit);
  if (unit === undefined || amount === undefined) return {};
  if (unit === 'cost') return { amount: { case: unit, value: readCost(reader, amount) } };
  const faults = reader.faults.length;
  const value = reader.readNumber(amount);
  if (value !== undefined && Number.isSafeInteger(value)) {
    return { amount: { case: unit, value: BigInt(value) } };
  }
  if (reader.faults.length === faults) reader.fault(amount, 'must be a whole number');
  return { amount: { case: unit, value: 0n } };
}

/** A number, or a text where its digits matter: `"25.50"`. */
function readCost(reader: YamlReader, field: Field): string {
  const { node } = field;
  const faults = reader.faults.length;
  const isText = isScalar(node) && typeof node.value === 'string';
  const text = isText ? reader.readText(field) : String(reader.readNumber(field) ?? '');
  if (parseMoney(text) === undefined && reader.faults.length === faults) {
    reader.fault(field, 'must be an amount with six digits behind the point at most: 25.50');
  }
  return text;
}

/** The same as people write it. */
export function formatLimit({ name, per, amount, every }: Limit): object {
  const scope = Object.entries(SCOPES).find(([, known]) => known === per)?.[0];
  return {
    name,
    per: scope,
    ...formatAmount(amount),
    ...(every === undefined ? {} : { every: formatDuration(Number(every.seconds)) }),
  };
}

function formatAmount(amount: Limit['amount']): object {
  if (amount.case === undefined) return {};
  const number = Number(amount.value);
  return { [amount.case]: String(number) === String(amount.value) ? number : String(amount.value) };
}
