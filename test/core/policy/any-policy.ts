import { fromJson, type MessageInitShape } from '@bufbuild/protobuf';
import { ValueSchema } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import {
  type IdentifierSchema,
  type LimitSchema,
  LimitScope,
  MaskMethod,
  type Policy,
  type PolicySpecSchema,
} from '#proto/sworn/policy/v1/policy_pb.ts';
import { policyOf } from './policies.ts';

const json = (value: boolean | number | string) => fromJson(ValueSchema, value);

type LimitInit = Exclude<MessageInitShape<typeof LimitSchema>, { $typeName: string; $unknown?: unknown }>;

function limitOf(name: string, amount: LimitInit['amount']): LimitInit {
  return { name, per: LimitScope.CALLER, every: { seconds: 5_400n }, ...(amount && { amount }) };
}

/** Policies with every field, in any mixture. */
export function anyPolicy(): fc.Arbitrary<Policy> {
  const text = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 40 }),
    fc.constantFrom('null', 'yes', '1', ' a', '- a', '#', '&a', '"', "it's\nnew", 'a: b', '!x', '\u0007'),
  );
  const action = fc.oneof(
    fc.constant({ case: 'allow' as const, value: {} }),
    text.map((message) => ({ case: 'deny' as const, value: { message } })),
    fc
      .record({ message: text, seconds: fc.option(fc.integer({ min: 1, max: 604_800 })) })
      .map(({ message, seconds }) => ({
        case: 'requireApproval' as const,
        value: {
          reviewers: ['privacy-office'],
          message,
          ...(seconds === null ? {} : { expires: { seconds: BigInt(seconds) } }),
        },
      })),
  );
  return fc
    .record({
      description: text,
      groups: fc.array(
        text.filter((group) => group !== ''),
        { minLength: 1, maxLength: 3 },
      ),
      models: fc.array(
        text.filter((model) => model !== ''),
        { maxLength: 3 },
      ),
      routes: fc.subarray(['responses.create', 'chat.*', '*']),
      identifiers: fc.constantFrom<Record<string, MessageInitShape<typeof IdentifierSchema>>>(
        {},
        { STUDY_CODE: { pattern: "ST-[0-9]{4}:' #" } },
        {
          A_ONE: { pattern: 'abc', context: ['a b', '#'], score: 0, description: 'null' },
          B_TWO: { pattern: '\\d{3}', score: 0.5 },
        },
      ),
      patterns: fc.constantFrom<Record<string, string>>({}, { bulk: "(?i)\\ba'll\\b: #" }),
      when: fc.constantFrom('', 'stream', 'caller.email == "it\'s: \\"a\\""'),
      action,
      mask: fc.constantFrom(
        undefined,
        { default: MaskMethod.NONE, entities: { MRN: MaskMethod.PLACEHOLDER, US_SSN: MaskMethod.LAST_FOUR } },
        {
          default: MaskMethod.HASH,
          entities: {
            PERSON: MaskMethod.NUMBERED,
            DATE: MaskMethod.SHIFT,
            DATE_OF_BIRTH: MaskMethod.YEAR,
            ZIP_CODE: MaskMethod.ZIP3,
            AGE: MaskMethod.AGE_90_PLUS,
          },
        },
      ),
      externalDetector: fc.constantFrom(undefined, { required: false }, { required: true }),
      traces: fc.constantFrom(undefined, { forward: false }, { forward: true }),
      retentionSeconds: fc.option(fc.integer({ min: 86_400, max: 36_525 * 86_400 })),
      limits: fc.constantFrom<MessageInitShape<typeof LimitSchema>[]>(
        [],
        [limitOf('a', { case: 'requests', value: 60n }), limitOf('b', { case: 'tokens', value: 1n })],
        [limitOf('c', { case: 'cost', value: '25.50' }), limitOf('d', { case: 'cost', value: '0.000001' })],
      ),
      timeZone: fc.constantFrom('', 'UTC', 'America/New_York'),
      obligations: fc.constantFrom<
        Pick<MessageInitShape<typeof PolicySpecSchema>, 'parameters' | 'purpose' | 'tokenize'>
      >(
        {},
        { tokenize: {} },
        { tokenize: { entities: ['PERSON', 'MRN'], restore: true } },
        { purpose: 'TREATMENT', parameters: { store: { force: json(false) }, n: { max: 3n } } },
        {
          parameters: {
            tools: { allow: [json('null'), json('a*')], deny: [json('#')] },
            n: { allow: [json(1), json(2.5)] },
            metadata: { drop: [json('*')] },
          },
        },
      ),
    })
    .map(({ when, action, mask, externalDetector, traces, retentionSeconds, obligations, ...spec }) =>
      policyOf('p', {
        ...spec,
        ...obligations,
        ...(mask && { mask }),
        ...(externalDetector && { externalDetector }),
        ...(traces && { traces }),
        ...(retentionSeconds !== null && { retention: { seconds: BigInt(retentionSeconds) } }),
        rules: [
          { name: 'only', when, action },
          {
            name: 'obliged',
            action: { case: 'allow' as const, value: {} },
            ...obligations,
            ...(mask && { mask }),
            limits: [limitOf('own', { case: 'cost', value: '3' })],
          },
        ],
      }),
    );
}
