import { customEntity, type EntityName, isEntityName } from '#core/phi/entities.ts';
import type { Policy, PolicySpec, Rule, Tokenize } from '#proto/sworn/policy/v1/policy_pb.ts';

/** What becomes of an entity in a request, the strictest first. */
const CHOICES = ['replace', 'restore', 'keep'] as const;

/** `replace`: tokens stand for its values; `restore`: they do, and the caller gets the values again; `keep`: nothing is done. */
export type TokenChoice = (typeof CHOICES)[number];

/** What is replaced by tokens in a request before it goes to the provider. */
export interface TokenPlan {
  readonly default: TokenChoice;
  readonly entities: Partial<Record<EntityName, TokenChoice>>;
}

const KEEP_ALL: TokenPlan = { default: 'keep', entities: {} };

/** The choice that the plan has for an entity. */
export function choiceOf(plan: TokenPlan, entity: EntityName): TokenChoice {
  return plan.entities[entity] ?? plan.default;
}

/** Of these entities the ones of which the plan has values replaced. */
export function replacedEntities(
  plan: TokenPlan,
  entities: ReadonlySet<EntityName>,
): ReadonlySet<EntityName> {
  return new Set(Array.from(entities).filter((entity) => choiceOf(plan, entity) !== 'keep'));
}

/** The plan of a policy, or of a rule of it; undefined where it replaces nothing. Names of no entity are left out. */
export function planTokens(tokenize: Tokenize | undefined): TokenPlan | undefined {
  if (tokenize === undefined) return undefined;
  const choice = tokenize.restore ? 'restore' : 'replace';
  if (tokenize.entities.length === 0) return { default: choice, entities: {} };
  const names = tokenize.entities.flatMap((name) => (isEntityName(name) ? name : (customEntity(name) ?? [])));
  return { default: 'keep', entities: Object.fromEntries(names.map((name) => [name, choice])) };
}

/** Of what the plans say of an entity the strictest counts; undefined where none replaces anything. */
export function uniteTokens(plans: readonly (TokenPlan | undefined)[]): TokenPlan | undefined {
  if (plans.every((plan) => plan === undefined)) return undefined;
  const all = plans.map((plan) => plan ?? KEEP_ALL);
  const names = new Set(all.flatMap((plan) => Object.keys(plan.entities) as EntityName[]));
  const entities: Partial<Record<EntityName, TokenChoice>> = {};
  for (const name of names) entities[name] = strictest(all.map((plan) => choiceOf(plan, name)));
  return { default: strictest(all.map((plan) => plan.default)), entities };
}

function strictest(choices: readonly TokenChoice[]): TokenChoice {
  return CHOICES.find((choice) => choices.includes(choice)) ?? 'keep';
}

/** Names in `tokenize` that are no entity, of the catalogue or of the policy's own, with the paths where they stand. */
export function unknownTokenEntities({ spec }: Policy): { readonly path: string; readonly name: string }[] {
  if (spec === undefined) return [];
  const own = new Set(Object.keys(spec.identifiers));
  const places: [path: string, said: Pick<PolicySpec | Rule, 'tokenize'>][] = [
    ['spec', spec],
    ...spec.rules.map((rule, i): [string, Rule] => [`spec.rules[${i}]`, rule]),
  ];
  return places.flatMap(([path, { tokenize }]) =>
    (tokenize?.entities ?? []).flatMap((name, i) =>
      isEntityName(name) || own.has(name) ? [] : [{ path: `${path}.tokenize.entities[${i}]`, name }],
    ),
  );
}
