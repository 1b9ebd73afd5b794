import { create } from '@bufbuild/protobuf';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { PolicyError, type PolicyFault } from '#core/policy/fault.ts';
import { formatPolicies, parsePolicies } from '#core/policy/parse.ts';
import { ExternalDetectorSchema, MaskMethod, PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { processorMs } from '../../env/processor-time.ts';
import { anyPolicy } from './any-policy.ts';
import { policyOf } from './policies.ts';

const GOOD = `apiVersion: sworn/v1
kind: Policy
name: clinical-assistants
spec:
  description: For clinicians.
  groups: [clinicians]
  routes: [responses.create, "models.*"]
  models: ["gpt-*"]
  patterns:
    bulk: '(?i)\\b(all|every)\\s+patients?\\b'
  rules:
    - name: bulk-data
      when: patterns.bulk || findings.total > 20
      requireApproval: { reviewers: [privacy-office], expires: 30m, message: Look. }
    - name: ordinary
      allow: {}
  mask:
    default: placeholder
    entities: { DATE_OF_BIRTH: none }
`;

function faultsOf(yaml: string): readonly PolicyFault[] {
  try {
    parsePolicies(yaml);
  } catch (error) {
    if (error instanceof PolicyError) return error.faults;
    throw error;
  }
  throw new Error('accepted');
}

/** `GOOD` with one thing replaced. */
function but(from: string, to: string): string {
  expect(GOOD).toContain(from);
  return GOOD.replace(from, () => to);
}

describe('parsePolicies', () => {
  test('reads every field', () => {
    expect(parsePolicies(GOOD)).toEqual([
      create(PolicySchema, {
        name: 'policies/clinical-assistants',
        spec: {
          description: 'For clinicians.',
          groups: ['clinicians'],
          routes: ['responses.create', 'models.*'],
          models: ['gpt-*'],
          patterns: { bulk: '(?i)\\b(all|every)\\s+patients?\\b' },
          rules: [
            {
              name: 'bulk-data',
              when: 'patterns.bulk || findings.total > 20',
              action: {
                case: 'requireApproval',
                value: { reviewers: ['privacy-office'], expires: { seconds: 1800n }, message: 'Look.' },
              },
            },
            { name: 'ordinary', action: { case: 'allow', value: {} } },
          ],
          mask: { default: MaskMethod.PLACEHOLDER, entities: { DATE_OF_BIRTH: MaskMethod.NONE } },
        },
      }),
    ]);
  });

  test.each([
    ['{ required: false }', { required: false }],
    ['{ required: true }', { required: true }],
    ['{}', {}],
  ])('reads externalDetector: %s', (yaml, expected) => {
    const [policy] = parsePolicies(`${GOOD}  externalDetector: ${yaml}\n`);
    expect(policy?.spec?.externalDetector).toEqual(create(ExternalDetectorSchema, expected));
  });

  test.each([
    ['{ required: "false" }', 'spec.externalDetector.required', /true or false, this is a string/],
    ['{ required: }', 'spec.externalDetector.required', /has no value/],
    ['{ requires: false }', 'spec.externalDetector.requires', /unknown field; there are required/],
    ['false', 'spec.externalDetector', /must be a mapping/],
  ])('refuses externalDetector: %s', (yaml, path, message) => {
    const faults = faultsOf(`${GOOD}  externalDetector: ${yaml}\n`);
    expect(faults).toMatchObject([{ line: 20, path, message: expect.stringMatching(message) }]);
  });

  test.each([
    ['2192d', 2_192n * 86_400n],
    ['24h', 86_400n],
  ])('reads retention: %s', (yaml, seconds) => {
    expect(parsePolicies(`${GOOD}  retention: ${yaml}\n`)[0]?.spec?.retention?.seconds).toBe(seconds);
  });

  test.each([
    ['23h', /from 1d to 36525d/],
    ['36526d', /from 1d to 36525d/],
    ['6y', /must be a duration/],
  ])('refuses retention: %s', (yaml, message) => {
    const faults = faultsOf(`${GOOD}  retention: ${yaml}\n`);
    expect(faults).toMatchObject([{ path: 'spec.retention', message: expect.stringMatching(message) }]);
  });

  test.each([
    ['{ forward: true }', true],
    ['{ forward: false }', false],
    ['{}', false],
  ])('reads traces: %s', (yaml, forward) => {
    expect(parsePolicies(`${GOOD}  traces: ${yaml}\n`)[0]?.spec?.traces?.forward).toBe(forward);
  });

  test.each([
    ['{ forward: yes please }', 'spec.traces.forward'],
    ['{ forwards: true }', 'spec.traces.forwards'],
  ])('refuses traces: %s', (yaml, path) => {
    expect(faultsOf(`${GOOD}  traces: ${yaml}\n`)).toMatchObject([{ path }]);
  });

  test('reads several documents, and passes over empty ones', () => {
    const two = `---\n${GOOD}---\n# nothing\n---\n${GOOD.replace('clinical-assistants', 'second')}---\n`;
    expect(parsePolicies(two).map(({ name }) => name)).toEqual([
      'policies/clinical-assistants',
      'policies/second',
    ]);
  });

  test.each<[string, string, number, number, string, RegExp]>([
    [
      'an unknown field',
      but('description', 'descripton'),
      5,
      3,
      'spec.descripton',
      /unknown field; there are desc/,
    ],
    ['another version', but('sworn/v1', 'sworn/v2'), 1, 13, 'apiVersion', /must be sworn\/v1/],
    ['another kind', but('kind: Policy', 'kind: Polcy'), 2, 7, 'kind', /must be Policy/],
    ['a bad name', but('name: clinical', 'name: Clinical'), 3, 7, 'name', /small letters/],
    ['no groups', but('[clinicians]', '[]'), 6, 11, 'spec.groups', /at least 1/],
    [
      'a number for text',
      but('[clinicians]', '[7]'),
      6,
      12,
      'spec.groups[0]',
      /must be text, this is a number/,
    ],
    [
      'an unknown route',
      but('responses.create,', 'responses,'),
      7,
      12,
      'spec.routes[0]',
      /^unknown route; did you mean responses.create or responses.delete or responses.cancel\?$/,
    ],
    ['a star in a route', but('"models.*"', '"mod*list"'), 7, 31, 'spec.routes[1]', /only stand at the end/],
    ['a bad pattern', but('(all|every)', '(all|every'), 10, 18, 'spec.patterns.bulk', /\(/],
    ['a look-ahead', but('(all|every)', '(?=all)'), 10, 18, 'spec.patterns.bulk', /./],
    [
      'an unknown entity',
      but('DATE_OF_BIRTH', 'BIRTH'),
      19,
      24,
      'spec.mask.entities.BIRTH',
      /unknown entity/,
    ],
    [
      'an unknown method',
      but('{ DATE_OF_BIRTH: none }', '{ MRN: blur }'),
      19,
      22,
      'spec.mask.entities.MRN',
      /one of placeholder, numbered, hash, last-four, year, shift, zip3, age-90-plus, none$/,
    ],
    [
      'a method that does not fit',
      but('{ DATE_OF_BIRTH: none }', '{ MRN: shift }'),
      19,
      22,
      'spec.mask.entities.MRN',
      /^shift does not fit MRN; there are placeholder, numbered, hash, last-four, none$/,
    ],
    [
      'a default that does not fit',
      but('default: placeholder', 'default: year'),
      18,
      14,
      'spec.mask.default',
      /^year does not fit every entity; as a default there are placeholder, numbered, hash, none$/,
    ],
    [
      'a bad duration',
      but('30m', '30min'),
      14,
      64,
      'spec.rules[0].requireApproval.expires',
      /45s, 30m, 2h or 1d/,
    ],
    ['too long a wait', but('30m', '8d'), 14, 64, 'spec.rules[0].requireApproval.expires', /1s to 7d/],
    [
      'no reviewers',
      but('[privacy-office]', '[]'),
      14,
      37,
      'spec.rules[0].requireApproval.reviewers',
      /at least 1/,
    ],
    ['a rule twice', but('name: ordinary', 'name: bulk-data'), 15, 13, 'spec.rules[1].name', /stands before/],
    ['no action', but('      allow: {}', '      when: stream'), 15, 7, 'spec.rules[1]', /exactly one of/],
    ['two actions', but('allow: {}', 'allow: {}\n      deny: {}'), 15, 7, 'spec.rules[1]', /exactly one of/],
    ['an empty action', but('allow: {}', 'allow:'), 16, 13, 'spec.rules[1].allow', /has no value/],
    [
      'a bad condition',
      but('findings.total', 'findings.totl'),
      13,
      38,
      'spec.rules[0].when',
      /unknown findings.totl/,
    ],
    ['no YAML', but('[clinicians]', '[clinicians'), 7, 3, '', /^a \] is missing before this$/],
    ['a key twice', but('kind: Policy', 'kind: Policy\nkind: Policy'), 3, 1, 'kind', /twice/],
    ['an anchor', but('[clinicians]', '&a [clinicians]'), 6, 14, 'spec.groups', /anchors/],
    ['a tag', but('For clinicians.', '!!str For'), 5, 22, 'spec.description', /tags/],
    ['an unknown tag', but('For clinicians.', '!js/eval For'), 5, 16, '', /tag/i],
    [
      'a condition that begins with !',
      but('patterns.bulk || findings.total > 20', '!parameters.store'),
      13,
      13,
      '',
      /^!parameters.store is read as a tag of YAML: put the whole value in single quotes$/,
    ],
    [
      'a condition that begins with a quoted text',
      but('patterns.bulk || findings.total > 20', '"x" in caller.groups'),
      13,
      17,
      '',
      /^the value has ended before this: put the whole value in single quotes$/,
    ],
    ['a list at the top', '- a\n', 1, 1, '', /must be a mapping, this is a list/],
  ])('says where %s is', (_what, yaml, line, column, path, message) => {
    const faults = faultsOf(yaml);
    expect(faults[0]).toMatchObject({ line, column, path, message: expect.stringMatching(message) });
    expect(faults.every((fault) => fault.line !== undefined)).toBe(true);
  });

  test('an alias is refused', () => {
    const yaml = but('reviewers: [privacy-office]', 'reviewers: *a').replace(
      '[clinicians]',
      '&a [clinicians]',
    );
    expect(faultsOf(yaml).map(({ message }) => message)).toEqual([
      expect.stringContaining('anchors'),
      expect.stringContaining('aliases'),
    ]);
  });

  test('tells all faults of all documents at once, in their order', () => {
    const first = but('30m', 'soon')
      .replace('DATE_OF_BIRTH', 'BIRTH')
      .replace('patterns.bulk', 'patterns.bulky');
    const second = but('gpt-*"]', 'gpt-*", 5]').replace('name: clinical-assistants', 'name: b');
    expect(faultsOf(`${first}---\n${second}`).map(({ document, path }) => [document, path])).toEqual([
      ['policies/clinical-assistants', 'spec.rules[0].when'],
      ['policies/clinical-assistants', 'spec.rules[0].requireApproval.expires'],
      ['policies/clinical-assistants', 'spec.mask.entities.BIRTH'],
      ['policies/b', 'spec.models[1]'],
    ]);
  });

  test('what is missing is told once', () => {
    expect(faultsOf('kind: Policy\n').map(({ path }) => path)).toEqual(['apiVersion', 'name', 'spec']);
  });

  test('the same policy twice is a fault', () => {
    expect(faultsOf(`${GOOD}---\n${GOOD}`)).toMatchObject([{ path: 'name', line: 23, column: 7 }]);
  });

  test('a text without a policy is a fault', () => {
    expect(faultsOf('# nothing\n')[0]?.message).toBe('there is no policy');
  });

  test.each([
    ['brackets', '['.repeat(500_000), /nested too deep/],
    ['braces', '{a: '.repeat(200_000), /nested too deep/],
    ['marks', '- '.repeat(500_000), /nested too deep/],
    ['questions', '? '.repeat(500_000), /nested too deep/],
    [
      'indentation',
      Array.from({ length: 1000 }, (_, i) => `${' '.repeat(i)}a:`).join('\n'),
      /indented by more/,
    ],
    ['documents', '---\n'.repeat(100_000), /more than 500 documents/],
    ['tokens', 'a: b\n'.repeat(60_000), /more than 200000 tokens/],
    ['quotes', '"'.repeat(1_000_000), /./],
    ['size', '#'.repeat(1024 * 1024 + 1), /more than 1048576 characters/],
    ['bombs', 'a: &a [x]\nb: &b [*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b]\n', /./],
  ])('is not stalled by %s', (_what, yaml, message) => {
    const parse = () => expect(faultsOf(yaml)[0]?.message).toMatch(message);
    expect(processorMs(parse)).toBeLessThan(5000);
  });
});

describe('formatPolicies', () => {
  test('what was formatted reads back the same', () => {
    fc.assert(
      fc.property(fc.array(anyPolicy(), { minLength: 1, maxLength: 3 }), (policies) => {
        const named = policies.map((policy, i) => ({ ...policy, name: `policies/p${i}` }));
        expect(parsePolicies(formatPolicies(named))).toEqual(named);
      }),
      { numRuns: 100 },
    );
  });

  test('leaves out etags and times', () => {
    expect(formatPolicies([{ ...policyOf('a'), etag: 'e-1' }])).not.toContain('e-1');
  });
});
