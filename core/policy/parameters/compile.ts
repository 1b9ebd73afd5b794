import { toJson } from '@bufbuild/protobuf';
import { type Value, ValueSchema } from '@bufbuild/protobuf/wkt';
import {
  findParameter,
  PARAMETERS,
  type Parameter,
  type ParameterUse,
  type ParameterValue,
} from '#core/provider/openai/parameters/catalogue.ts';
import type { Parameter as ParameterProto } from '#proto/sworn/policy/v1/policy_pb.ts';
import type { RawFault } from '../fault.ts';
import { compileGlob } from '../glob.ts';
import { suggest } from '../nearest.ts';

/** Some values of a parameter. */
export interface ValueSet {
  has(value: ParameterValue): boolean;
  /** As an admin wrote them. */
  readonly shown: readonly string[];
}

/** What one policy wants of one parameter. */
export interface CompiledParameter {
  readonly allow: ValueSet | undefined;
  readonly deny: ValueSet | undefined;
  readonly force: ParameterValue | undefined;
  readonly drop: ValueSet | undefined;
  readonly max: number | undefined;
}

/** What one policy wants of parameters, by name. */
export type CompiledParameters = ReadonlyMap<string, CompiledParameter>;

/** Every use, in the order in which they are told. */
export const PARAMETER_USES: readonly ParameterUse[] = ['allow', 'deny', 'force', 'drop', 'max'];

/**
 * Compiles the `parameters` of a policy or rule.
 * @param path where they stand: `spec.parameters`
 * @param report is told of each that is not accepted
 */
export function compileParameters(
  parameters: Readonly<Record<string, ParameterProto>>,
  path: string,
  report: (fault: RawFault) => void,
): CompiledParameters {
  const compiled = new Map<string, CompiledParameter>();
  for (const [name, proto] of Object.entries(parameters)) {
    const at = `${path}.${name}`;
    const parameter = findParameter(name);
    if (parameter === undefined) {
      const known = PARAMETERS.map((one) => one.name);
      report({ path: at, message: `unknown parameter; ${suggest(name, known)}` });
      continue;
    }
    const fault = (field: string, message: string) => report({ path: `${at}.${field}`, message });
    const used = PARAMETER_USES.filter((use) => isUsed(proto, use));
    const fitting = PARAMETER_USES.filter((use) => parameter.uses.includes(use));
    if (used.length === 0) report({ path: at, message: `needs one of ${fitting.join(', ')}` });
    for (const use of used) {
      if (parameter.uses.includes(use)) continue;
      fault(use, `${name} has no ${use}; there are ${fitting.join(', ')}`);
    }
    compiled.set(name, {
      allow: compileValues(proto.allow, parameter, 'allow', fault),
      deny: compileValues(proto.deny, parameter, 'deny', fault),
      force: compileForce(proto.force, parameter, fault),
      drop: compileValues(proto.drop, parameter, 'drop', fault),
      max: proto.max === undefined ? undefined : Number(proto.max),
    });
  }
  return compiled;
}

function isUsed(proto: ParameterProto, use: ParameterUse): boolean {
  const value = proto[use];
  return Array.isArray(value) ? value.length > 0 : value !== undefined;
}

type Fault = (field: string, message: string) => void;

function compileValues(
  protos: readonly Value[],
  parameter: Parameter,
  use: ParameterUse,
  fault: Fault,
): ValueSet | undefined {
  if (protos.length === 0) return undefined;
  const values = protos.flatMap((proto, i) => {
    const value = readValue(proto, parameter);
    if (value === undefined) fault(`${use}[${i}]`, describeKind(parameter));
    else if (isTooLong(value)) fault(`${use}[${i}]`, TOO_LONG);
    return value === undefined ? [] : [value];
  });
  const globs = values.filter((value) => typeof value === 'string').map(compileGlob);
  const plain = new Set<ParameterValue>(values.filter((value) => typeof value !== 'string'));
  return {
    has: (value) => (typeof value === 'string' ? globs.some((fits) => fits(value)) : plain.has(value)),
    shown: values.map(String),
  };
}

function compileForce(
  proto: Value | undefined,
  parameter: Parameter,
  fault: Fault,
): ParameterValue | undefined {
  if (proto === undefined) return undefined;
  const value = readValue(proto, parameter);
  if (value === undefined || value === '') {
    fault('force', describeKind(parameter));
    return undefined;
  }
  if (isTooLong(value)) fault('force', TOO_LONG);
  if (parameter.kind === 'number' && !(Number.isSafeInteger(value) && Number(value) >= 1)) {
    fault('force', 'must be a whole number from 1');
  }
  if (parameter.forced !== undefined && value !== parameter.forced) {
    fault('force', `${parameter.name} can only be forced to ${parameter.forced}`);
  }
  return value;
}

/** Refusals show them, and stand in records. */
const MAX_VALUE_CHARS = 256;
const TOO_LONG = `has more than ${MAX_VALUE_CHARS} characters`;

function isTooLong(value: ParameterValue): boolean {
  return typeof value === 'string' && value.length > MAX_VALUE_CHARS;
}

/** A value of the parameter's kind; undefined for any other. */
function readValue(proto: Value, { kind }: Parameter): ParameterValue | undefined {
  // A number that is none in JSON, from an API client, is no value either.
  const isNumber = proto.kind.case !== 'numberValue' || Number.isFinite(proto.kind.value);
  const value = proto.kind.case === undefined || !isNumber ? undefined : toJson(ValueSchema, proto);
  const wanted = kind === 'boolean' || kind === 'number' ? kind : 'string';
  return typeof value === wanted ? (value as ParameterValue) : undefined;
}

function describeKind({ name, kind }: Parameter): string {
  if (kind === 'boolean') return `${name} is true or false`;
  return kind === 'number'
    ? `${name} is a number`
    : `${name} is a text: put it in quotes if it looks like something else`;
}
