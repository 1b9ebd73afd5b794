import type { Path } from '@bufbuild/protobuf/reflect';
import type { Duration } from '@bufbuild/protobuf/wkt';
import { createValidator, type Violation } from '@bufbuild/protovalidate';
import { customEntity, ENTITIES, isEntityName } from '#core/phi/entities.ts';
import {
  choicesOf,
  choicesOfAll,
  fits,
  type MaskMethod as MaskMethodName,
} from '#core/phi/replace/choice.ts';
import { ROUTES } from '#core/provider/openai/catalogue.ts';
import { isOpaqueKind, OPAQUE_KINDS } from '#core/provider/openai/content/kind.ts';
import {
  MaskMethod,
  type Policy,
  PolicyMode,
  PolicySchema,
  type PolicySpec,
  type Rule,
} from '#proto/sworn/policy/v1/policy_pb.ts';
import { formatOf } from './condition/context.ts';
import type { RawFault } from './fault.ts';
import { compileGlob } from './glob.ts';
import { checkLimits } from './limit/check.ts';
import { planMethod } from './mask.ts';
import { suggest } from './nearest.ts';
import { inWords } from './pattern-words.ts';
import { isRetention } from './retention.ts';
import { unknownTokenEntities } from './tokenize.ts';

export const EXPIRES_DEFAULT_SECONDS = 30 * 60;
const EXPIRES_MAX_SECONDS = 7 * 24 * 60 * 60;
/** A grant that is good for longer is a policy. */
const WINDOW_MAX_SECONDS = 24 * 60 * 60;
const REVIEW_WITHIN_MAX_SECONDS = 7 * 24 * 60 * 60;

const POLICY_NAME = /^policies\/[a-z0-9][a-z0-9-]{0,62}$/;

let validator: ReturnType<typeof createValidator> | undefined;

/** Checks all of a policy but its patterns and conditions: the rules of the .proto and those between fields. */
export function checkFields(policy: Policy): RawFault[] {
  return [
    ...checkRules(policy),
    ...checkName(policy),
    ...checkRoutes(policy),
    ...checkDuplicates(policy),
    ...checkSaysSomething(policy),
    ...checkObligations(policy),
    ...checkTimeZone(policy),
  ].concat(
    checkApprovals(policy),
    checkIdentifiers(policy),
    checkMask(policy),
    checkTokenize(policy),
    checkRetention(policy),
    checkOpaque(policy),
    checkReplaces(policy),
    checkLimits(policy),
  );
}

function checkRules(policy: Policy): RawFault[] {
  validator ??= createValidator();
  const result = validator.validate(PolicySchema, policy);
  if (result.kind === 'valid') return [];
  if (result.kind === 'error') throw result.error;
  return result.violations.map((violation) => ({
    path: describePath(violation.field),
    message: describeViolation(violation),
  }));
}

/** `exactly one field is required in oneof` says little to someone who writes YAML. */
function describeViolation(violation: Violation): string {
  const last = violation.field.at(-1);
  if (last?.kind === 'oneof') {
    return last.name === 'amount'
      ? 'a limit needs one of requests, tokens, cost'
      : 'a rule needs one of allow, deny, requireApproval';
  }
  if (last?.kind === 'field' && last.name === 'quorum') return 'takes 1 to 10';
  return inWords(violation.message);
}

function checkName({ name }: Policy): RawFault[] {
  if (POLICY_NAME.test(name)) return [];
  const message = 'a name is of small letters, digits and hyphens, 63 at most, and begins with no hyphen';
  return [{ path: 'name', message }];
}

function checkRoutes({ spec }: Policy): RawFault[] {
  return (spec?.routes ?? []).flatMap((route, i) => {
    const path = `spec.routes[${i}]`;
    if (route.slice(0, -1).includes('*'))
      return [{ path, message: 'in a route, * may only stand at the end' }];
    if (ROUTES.some(({ id }) => compileGlob(route)(id))) return [];
    const known = ROUTES.map(({ id }) => id);
    return [{ path, message: `unknown route; ${suggest(route, known)}` }];
  });
}

function checkDuplicates({ spec }: Policy): RawFault[] {
  const names = (spec?.rules ?? []).map((rule) => rule.name);
  return names.flatMap((name, i) =>
    names.indexOf(name) === i
      ? []
      : [{ path: `spec.rules[${i}].name`, message: `a rule of this name stands before: ${name}` }],
  );
}

function checkSaysSomething({ spec }: Policy): RawFault[] {
  if (spec === undefined || spec.rules.length > 0 || spec.tokenize !== undefined) return [];
  if (Object.keys(spec.parameters).length > 0 || spec.limits.length > 0) return [];
  return [{ path: 'spec.rules', message: 'a policy needs a rule, parameters, tokenize or limits' }];
}

function checkApprovals({ spec }: Policy): RawFault[] {
  return (spec?.rules ?? []).flatMap(({ action }, i) => {
    if (action.case !== 'requireApproval') return [];
    const path = `spec.rules[${i}].requireApproval`;
    const { expires, window, breakGlass } = action.value;
    const faults: RawFault[] = [];
    if (isOutOfRange(expires, EXPIRES_MAX_SECONDS))
      faults.push({ path: `${path}.expires`, message: 'must be whole seconds, from 1s to 7d' });
    if (isOutOfRange(window, WINDOW_MAX_SECONDS))
      faults.push({ path: `${path}.window`, message: 'must be whole seconds, from 1s to 24h' });
    if (isOutOfRange(breakGlass?.reviewWithin, REVIEW_WITHIN_MAX_SECONDS)) {
      const message = 'must be whole seconds, from 1s to 7d';
      faults.push({ path: `${path}.breakGlass.reviewWithin`, message });
    }
    return faults;
  });
}

function isOutOfRange(duration: Duration | undefined, maxSeconds: number): boolean {
  if (duration === undefined) return false;
  const { seconds, nanos } = duration;
  return seconds < 1 || seconds > maxSeconds || nanos !== 0;
}

function checkIdentifiers({ spec }: Policy): RawFault[] {
  return Object.entries(spec?.identifiers ?? {}).flatMap(([name, { score = 0 }]) => {
    const path = `spec.identifiers.${name}`;
    const faults: RawFault[] = [];
    if (isEntityName(name))
      faults.push({ path, message: `${name} is of the catalogue; choose another name` });
    if (!(score >= 0 && score <= 1)) faults.push({ path: `${path}.score`, message: 'must be from 0 to 1' });
    return faults;
  });
}

/** The places that can have what a whole policy and each of its rules can: `spec`, `spec.rules[0]`. */
function placesOf({ spec }: Policy): [path: string, said: Pick<PolicySpec, 'mask' | 'retention'>][] {
  if (spec === undefined) return [];
  return [['spec', spec], ...spec.rules.map((rule, i): [string, Rule] => [`spec.rules[${i}]`, rule])];
}

function checkMask(policy: Policy): RawFault[] {
  const own = new Set(Object.keys(policy.spec?.identifiers ?? {}));
  return placesOf(policy).flatMap(([path, { mask }]) => {
    const { default: fallback = MaskMethod.UNSPECIFIED, entities = {} } = mask ?? {};
    return [
      ...checkDefault(`${path}.mask`, planMethod(fallback)),
      ...Object.entries(entities).flatMap(([name, method]) =>
        checkEntity(`${path}.mask`, name, planMethod(method), own),
      ),
    ];
  });
}

function checkTokenize(policy: Policy): RawFault[] {
  const known = [...Object.keys(policy.spec?.identifiers ?? {}), ...ENTITIES.map(({ name }) => name)];
  return unknownTokenEntities(policy).map(({ path, name }) => ({
    path,
    message: `unknown entity; ${suggest(name, known)}`,
  }));
}

function checkOpaque({ spec }: Policy): RawFault[] {
  return (spec?.opaque?.allow ?? []).flatMap((kind, i) => {
    if (isOpaqueKind(kind)) return [];
    return [{ path: `spec.opaque.allow[${i}]`, message: `must be one of ${OPAQUE_KINDS.join(', ')}` }];
  });
}

function checkRetention(policy: Policy): RawFault[] {
  return placesOf(policy).flatMap(([path, { retention }]) => {
    if (retention === undefined || isRetention(retention)) return [];
    return [{ path: `${path}.retention`, message: 'must be whole seconds, from 1d to 36525d' }];
  });
}

/** What nothing comes of is a misunderstanding. */
function checkObligations({ spec }: Policy): RawFault[] {
  return (spec?.rules ?? []).flatMap((rule, i) => {
    if (rule.action.case !== 'deny') return [];
    const said = [
      ...(Object.keys(rule.parameters).length > 0 ? ['parameters'] : []),
      ...(rule.mask === undefined ? [] : ['mask']),
      ...(rule.tokenize === undefined ? [] : ['tokenize']),
      ...(rule.purpose === '' ? [] : ['purpose']),
      ...(rule.limits.length === 0 ? [] : ['limits']),
    ];
    return said.map((field) => ({
      path: `spec.rules[${i}].${field}`,
      message: `a rule that denies has no ${field}: nothing goes on`,
    }));
  });
}

function checkReplaces({ name, spec }: Policy): RawFault[] {
  if (spec === undefined || spec.replaces === '') return [];
  const path = 'spec.replaces';
  if (spec.mode !== PolicyMode.OBSERVE) {
    return [{ path, message: 'only a policy with `mode: observe` is watched in the place of another one' }];
  }
  return name === `policies/${spec.replaces}` ? [{ path, message: 'is the policy itself' }] : [];
}

function checkTimeZone({ spec }: Policy): RawFault[] {
  try {
    formatOf(spec?.timeZone ?? '');
    return [];
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const message = 'unknown time zone; write one of the IANA database: America/New_York';
    return [{ path: 'spec.timeZone', message }];
  }
}

function checkDefault(at: string, method: MaskMethodName): RawFault[] {
  const fitting = choicesOfAll();
  if (fitting.includes(method)) return [];
  const message = `${method} does not fit every entity; as a default there are ${fitting.join(', ')}`;
  return [{ path: `${at}.default`, message }];
}

function checkEntity(at: string, name: string, method: MaskMethodName, own: ReadonlySet<string>): RawFault[] {
  const path = `${at}.entities.${name}`;
  const entity = isEntityName(name) ? name : customEntity(name);
  if (entity === undefined || !(isEntityName(name) || own.has(name))) {
    const known = [...own, ...ENTITIES.map((known) => known.name)];
    return [{ path, message: `unknown entity; ${suggest(name, known)}` }];
  }
  if (fits(method, entity)) return [];
  return [{ path, message: `${method} does not fit ${name}; there are ${choicesOf(entity).join(', ')}` }];
}

/** The path as YAML has it: `spec.rules[0].requireApproval.expires`. */
function describePath(path: Path): string {
  let text = '';
  for (const part of path) {
    if (part.kind === 'field') text += text === '' ? part.jsonName : `.${part.jsonName}`;
    else if (part.kind === 'list_sub') text += `[${part.index}]`;
    else if (part.kind === 'map_sub') text += `.${part.key}`;
  }
  return text;
}
