import { ENTITIES, type EntityName, isEntityName } from '#core/phi/entities.ts';
import type { MaskMethod, MaskPlan } from '#core/phi/mask.ts';
import { type Mask, MaskMethod as MaskMethodProto } from '#proto/sworn/policy/v1/policy_pb.ts';

/** Every entity by its placeholder: what holds where no policy says otherwise. */
export const MASK_ALL: MaskPlan = { default: 'placeholder', entities: {} };

/** The plan of a policy's `mask`. Entities that are not of the catalogue are left out. */
export function planMask(mask: Mask | undefined): MaskPlan {
  const entities: Partial<Record<EntityName, MaskMethod>> = {};
  for (const [name, method] of Object.entries(mask?.entities ?? {})) {
    if (isEntityName(name)) entities[name] = planMethod(method);
  }
  return { default: planMethod(mask?.default ?? MaskMethodProto.UNSPECIFIED), entities };
}

/** Masks whatever any of the plans masks: an entity is left as it is only where all of them leave it. */
export function uniteMasks(plans: readonly MaskPlan[]): MaskPlan {
  const [first] = plans;
  if (first === undefined) return MASK_ALL;
  if (plans.length === 1) return first;
  const unite = (methods: MaskMethod[]): MaskMethod => methods.find((method) => method !== 'none') ?? 'none';
  const entities: Partial<Record<EntityName, MaskMethod>> = {};
  for (const { name } of ENTITIES) {
    entities[name] = unite(plans.map((plan) => plan.entities[name] ?? plan.default));
  }
  return { default: unite(plans.map((plan) => plan.default)), entities };
}

/** Only NONE leaves text unmasked; a method that this version does not know masks. */
function planMethod(method: MaskMethodProto): MaskMethod {
  return method === MaskMethodProto.NONE ? 'none' : 'placeholder';
}
