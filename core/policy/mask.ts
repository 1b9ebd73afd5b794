import { customEntity, type EntityName, isEntityName } from '#core/phi/entities.ts';
import { MASK_METHODS, type MaskMethod } from '#core/phi/replace/choice.ts';
import { type MaskPlan, methodOf } from '#core/phi/replace/replace.ts';
import {
  MaskMethod as MaskMethodProto,
  type PolicySpec,
  type Rule,
} from '#proto/sworn/policy/v1/policy_pb.ts';

/** Every entity by its placeholder: what holds where no policy says otherwise. */
export const MASK_ALL: MaskPlan = { default: 'placeholder', entities: {} };

/** What the methods of the .proto are called in a plan, and in YAML. */
const METHOD_NAMES: ReadonlyMap<MaskMethodProto, MaskMethod> = new Map([
  [MaskMethodProto.PLACEHOLDER, 'placeholder'],
  [MaskMethodProto.NUMBERED, 'numbered'],
  [MaskMethodProto.HASH, 'hash'],
  [MaskMethodProto.LAST_FOUR, 'last-four'],
  [MaskMethodProto.YEAR, 'year'],
  [MaskMethodProto.SHIFT, 'shift'],
  [MaskMethodProto.ZIP3, 'zip3'],
  [MaskMethodProto.AGE_90_PLUS, 'age-90-plus'],
  [MaskMethodProto.NONE, 'none'],
]);
const METHODS = new Map(Array.from(METHOD_NAMES, ([method, name]) => [name as string, method]));

/** The names of all methods. */
export const METHOD_WORDS: readonly string[] = [...METHODS.keys()];

/** The method of a name; undefined when there is none. */
export function findMethod(word: string): MaskMethodProto | undefined {
  return METHODS.get(word);
}

/** What a method does, by name. Only NONE leaves text unmasked; a method that this version does not know masks. */
export function planMethod(method: MaskMethodProto): MaskMethod {
  return METHOD_NAMES.get(method) ?? 'placeholder';
}

/** The plan of a policy's `mask`. Names of no entity, of the catalogue or of its own identifiers, are left out. */
export function planMask({ mask, identifiers }: Pick<PolicySpec, 'mask' | 'identifiers'>): MaskPlan {
  const entities: Partial<Record<EntityName, MaskMethod>> = {};
  for (const [name, method] of Object.entries(mask?.entities ?? {})) {
    const own = Object.hasOwn(identifiers, name) ? customEntity(name) : undefined;
    const entity = isEntityName(name) ? name : own;
    if (entity !== undefined) entities[entity] = planMethod(method);
  }
  return { default: planMethod(mask?.default ?? MaskMethodProto.UNSPECIFIED), entities };
}

/** The plan of a rule: what its own `mask` says of an entity, and of all others, stands in the place of what the policy says. */
export function planRuleMask(
  spec: Pick<PolicySpec, 'mask' | 'identifiers'>,
  { mask }: Pick<Rule, 'mask'>,
): MaskPlan {
  const ofPolicy = planMask(spec);
  if (mask === undefined) return ofPolicy;
  const own = planMask({ mask, identifiers: spec.identifiers });
  const fallback = mask.default === MaskMethodProto.UNSPECIFIED ? ofPolicy.default : own.default;
  return { default: fallback, entities: { ...ofPolicy.entities, ...own.entities } };
}

/** Of what any of the plans says of an entity, the method that tells least counts: the first in MASK_METHODS. */
export function uniteMasks(plans: readonly MaskPlan[]): MaskPlan {
  const [first] = plans;
  if (first === undefined) return MASK_ALL;
  if (plans.length === 1) return first;
  const entities: Partial<Record<EntityName, MaskMethod>> = {};
  const names = new Set(plans.flatMap((plan) => Object.keys(plan.entities) as EntityName[]));
  for (const name of names) {
    entities[name] = strictest(plans.map((plan) => methodOf(plan, name)));
  }
  return { default: strictest(plans.map((plan) => plan.default)), entities };
}

/** Whether two plans do the same with every entity. */
export function isSameMask(one: MaskPlan, other: MaskPlan): boolean {
  const names = [...Object.keys(one.entities), ...Object.keys(other.entities)] as EntityName[];
  return (
    one.default === other.default && names.every((name) => methodOf(one, name) === methodOf(other, name))
  );
}

function strictest(methods: readonly MaskMethod[]): MaskMethod {
  return MASK_METHODS.find((method) => methods.includes(method)) ?? 'placeholder';
}
