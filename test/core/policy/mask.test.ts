import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { ENTITIES } from '#core/phi/entities.ts';
import { choicesOf, choicesOfAll, MASK_METHODS } from '#core/phi/replace/choice.ts';
import { type MaskPlan, methodOf } from '#core/phi/replace/replace.ts';
import { compilePolicies } from '#core/policy/compile.ts';
import { findMethod, METHOD_WORDS, planMask, planMethod, uniteMasks } from '#core/policy/mask.ts';
import { MaskMethod, MaskSchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { policyOf } from './policies.ts';

const PROTO_METHODS = Object.values(MaskMethod).filter((method) => typeof method === 'number');

test('every method has one word, and every word is a method', () => {
  expect([...METHOD_WORDS].sort()).toEqual([...MASK_METHODS].sort());
  for (const method of PROTO_METHODS) {
    if (method !== MaskMethod.UNSPECIFIED) expect(findMethod(planMethod(method))).toBe(method);
  }
  expect(PROTO_METHODS).toHaveLength(METHOD_WORDS.length + 1);
  expect(findMethod('blur')).toBeUndefined();
});

test('what is unspecified or of a later version masks', () => {
  expect(planMethod(MaskMethod.UNSPECIFIED)).toBe('placeholder');
  expect(planMethod(99 as MaskMethod)).toBe('placeholder');
  expect(
    planMask({ mask: create(MaskSchema, { entities: { NOBODY: MaskMethod.NONE } }), identifiers: {} }),
  ).toEqual({
    default: 'placeholder',
    entities: {},
  });
});

test('a policy compiles with exactly the methods that fit', () => {
  for (const { name } of ENTITIES) {
    for (const word of METHOD_WORDS) {
      const mask = { entities: { [name]: findMethod(word) ?? MaskMethod.UNSPECIFIED } };
      const compile = () => compilePolicies([policyOf('p', { mask })]);
      const isFitting = choicesOf(name).some((choice) => choice === word);
      if (isFitting) expect(compile().policies[0]?.mask.entities[name]).toBe(word);
      else expect(compile).toThrow(`${word} does not fit ${name}; there are placeholder`);
    }
  }
});

const plan: fc.Arbitrary<MaskPlan> = fc
  .tuple(
    fc.constantFrom(...choicesOfAll()),
    fc.tuple(...ENTITIES.map(({ name }) => fc.option(fc.constantFrom(...choicesOf(name))))),
  )
  .map(([fallback, choices]) => ({
    default: fallback,
    entities: Object.fromEntries(
      ENTITIES.flatMap(({ name }, i) => (choices[i] == null ? [] : [[name, choices[i]]])),
    ),
  }));

test('of several plans the method counts that tells least', () => {
  const order = [
    'placeholder',
    'age-90-plus',
    'numbered',
    'hash',
    'year',
    'zip3',
    'shift',
    'last-four',
    'none',
  ];
  fc.assert(
    fc.property(fc.array(plan, { minLength: 1, maxLength: 4 }), (plans) => {
      const united = uniteMasks(plans);
      for (const { name } of ENTITIES) {
        const ranks = plans.map((each) => order.indexOf(methodOf(each, name)));
        expect(methodOf(united, name)).toBe(order[Math.min(...ranks)]);
        expect(choicesOf(name)).toContain(methodOf(united, name));
      }
    }),
    { numRuns: 100 },
  );
});
