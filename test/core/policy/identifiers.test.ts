import { describe, expect, test } from 'vitest';
import { addIdentifiers } from '#core/phi/custom/detector.ts';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { compilePolicies } from '#core/policy/compile.ts';
import { evaluatePolicies } from '#core/policy/evaluate.ts';
import { PolicyError, type PolicyFault } from '#core/policy/fault.ts';
import { uniteMasks } from '#core/policy/mask.ts';
import { formatPolicies, parsePolicies } from '#core/policy/parse.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { policyOf, requestOf } from './policies.ts';

const POLICY = `apiVersion: sworn/v1
kind: Policy
name: trials
spec:
  groups: [clinicians]
  identifiers:
    STUDY_CODE:
      description: Codes of our trials.
      pattern: '\\bST-\\d{4}\\b'
    BED:
      pattern: "[A-Z]{2}\\\\d{2}"
      context: [bed, ward]
      score: 0.6
  rules:
    - name: many
      when: findings.STUDY_CODE > 1
      requireApproval: { reviewers: [privacy-office] }
    - name: rest
      allow: {}
  mask: { entities: { STUDY_CODE: last-four, BED: none } }
`;

const but = (from: string, to: string): string => {
  expect(POLICY).toContain(from);
  return POLICY.replace(from, () => to);
};

function faultsOf(yaml: string): readonly PolicyFault[] {
  try {
    parsePolicies(yaml);
  } catch (error) {
    if (error instanceof PolicyError) return error.faults;
    throw error;
  }
  throw new Error('accepted');
}

test('are read, written and read again', () => {
  const policies = parsePolicies(POLICY);
  expect(policies[0]?.spec?.identifiers).toMatchObject({
    STUDY_CODE: { description: 'Codes of our trials.', pattern: '\\bST-\\d{4}\\b', context: [] },
    BED: { pattern: '[A-Z]{2}\\d{2}', context: ['bed', 'ward'], score: 0.6 },
  });
  expect(parsePolicies(formatPolicies(policies))).toEqual(policies);
});

test.each<[string, string, number, number, string, RegExp]>([
  ['a look-ahead', but('ST-\\d', 'ST-(?=1)\\d'), 9, 22, 'STUDY_CODE.pattern', /look-around is not supported/],
  ['a look-behind', but('\\bST', '(?<!X)ST'), 9, 17, 'STUDY_CODE.pattern', /look-around is not supported/],
  ['a back-reference', but('\\bST-\\d{4}', '(S)T\\1'), 9, 21, 'STUDY_CODE.pattern', /back-references/],
  ['no end', but('\\d{4}', '\\d+'), 9, 24, 'STUDY_CODE.pattern', /has no end.*\{1,20\}/],
  [
    'too long a match',
    but('\\d{4}', '\\d{4,900}'),
    9,
    24,
    'STUDY_CODE.pattern',
    /903 characters long.*at most 400/,
  ],
  ['too many states', but('\\bST-\\d{4}', '[ab]{1,9}a[ab]{90}'), 9, 31, 'STUDY_CODE.pattern', /too complex/],
  [
    'a pattern of nothing',
    but('\\bST-\\d{4}\\b', '(ST-\\d{4})?'),
    9,
    17,
    'STUDY_CODE.pattern',
    /nothing at all/,
  ],
  [
    'a pattern of little',
    but('\\bST-\\d{4}\\b', '\\d\\d|ST-0001'),
    9,
    17,
    'STUDY_CODE.pattern',
    /match 2 char/,
  ],
  ['a repeat count above 1,000', but('\\d{4}', '\\d{1001}'), 9, 24, 'STUDY_CODE.pattern', /repeat count/],
  ['wrong syntax', but('\\d{4}', '(\\d'), 9, 22, 'STUDY_CODE.pattern', /a \( without its \)/],
  ['a fault behind an escape of YAML', but('{2}\\\\d{2}', '{2}\\\\d+'), 11, 16, 'BED.pattern', /has no end/],
  ['no pattern', but('      pattern: "[A-Z]{2}\\\\d{2}"\n', ''), 11, 7, 'BED.pattern', /at least 1/],
  ['a name of the catalogue', but('BED:', 'MRN:'), 11, 7, 'MRN', /MRN is of the catalogue/],
  ['a name in small letters', but('    BED:', '    Bed:'), 11, 7, 'Bed', /capital letters/],
  ['an unknown field', but('context:', 'words:'), 12, 7, 'BED.words', /unknown field; there are description/],
  ['a score that is none', but('0.6', '7'), 13, 14, 'BED.score', /from 0 to 1/],
  ['a score that is text', but('0.6', 'high'), 13, 14, 'BED.score', /must be a number/],
  ['an empty word', but('[bed, ward]', '[bed, ""]'), 12, 23, 'BED.context[1]', /at least 1/],
])('%s is a fault at its place', (_what, yaml, line, column, path, message) => {
  const faults = faultsOf(yaml).filter((fault) => fault.path.startsWith('spec.identifiers'));
  expect(faults).toMatchObject([
    { line, column, path: `spec.identifiers.${path}`, message: expect.stringMatching(message) },
  ]);
});

describe('a policy', () => {
  test('names only its own in conditions and masks', () => {
    const other = parsePolicies(POLICY);
    const using = policyOf('using', {
      rules: [{ name: 'r', when: 'findings.STUDY_CODE > 0', action: { case: 'allow', value: {} } }],
      mask: { entities: { STUDY_CODE: 1 } },
    });
    expect(() => compilePolicies([...other, using])).toThrow(/unknown findings\.STUDY_CODE/);
    expect(() => compilePolicies([...other, using])).toThrow(
      /spec\.mask\.entities\.STUDY_CODE: unknown entity/,
    );
  });

  test('takes the choices that fit any code', () => {
    for (const choice of ['placeholder', 'numbered', 'hash', 'last-four', 'none']) {
      expect(parsePolicies(but('STUDY_CODE: last-four', `STUDY_CODE: ${choice}`))).toHaveLength(1);
    }
    expect(faultsOf(but('STUDY_CODE: last-four', 'STUDY_CODE: year'))).toMatchObject([
      {
        path: 'spec.mask.entities.STUDY_CODE',
        message: expect.stringContaining('year does not fit STUDY_CODE'),
      },
    ]);
  });

  test('counts them in conditions, and takes 0 for none', () => {
    const compiled = compilePolicies(parsePolicies(POLICY));
    const decide = (findings: Record<string, number>) =>
      evaluatePolicies(compiled, requestOf({ findings })).decision.action;
    expect(decide({})).toBe(Action.ALLOW);
    expect(decide({ STUDY_CODE: 1 })).toBe(Action.ALLOW);
    expect(decide({ STUDY_CODE: 2 })).toBe(Action.REQUIRE_APPROVAL);
  });

  test('has them in the total', () => {
    const total = parsePolicies(but('findings.STUDY_CODE > 1', 'findings.total > 3'));
    const compiled = compilePolicies(total);
    const findings = Object.assign({ MRN: 2 }, { STUDY_CODE: 2 });
    expect(evaluatePolicies(compiled, requestOf({ findings })).decision.action).toBe(Action.REQUIRE_APPROVAL);
  });
});

describe('several policies', () => {
  const detect = (...policies: ReturnType<typeof policyOf>[]) => {
    const compiled = compilePolicies(policies);
    const detector = addIdentifiers(createDetector(), compiled.identifiers);
    const plan = uniteMasks(compiled.policies.map(({ mask }) => mask));
    return { compiled, mask: (text: string) => createMasker(detector, plan).mask(text).text };
  };

  test('may define one name: what any of them matches is found', () => {
    const one = policyOf('one', { identifiers: { CODE: { pattern: 'AA-\\d{4}' } } });
    const two = policyOf('two', {
      identifiers: { CODE: { pattern: 'BB_\\w{4}' }, OTHER: { pattern: 'CC~\\w{4}' } },
    });
    const { mask } = detect(one, two);
    expect(mask('see AA-0042, BB_wxyz and CC~wxyz')).toBe('see [CODE], [CODE] and [OTHER]');
  });

  test('that say the same are kept once', () => {
    const same = { CODE: { pattern: 'AA-\\d{4}' } };
    const { compiled } = detect(
      policyOf('one', { identifiers: same }),
      policyOf('two', { identifiers: same }),
    );
    expect(compiled.identifiers.map(({ identifier }) => identifier.rule)).toEqual(['one.CODE']);
  });

  test('have their masks united, those that do not know the name with their default', () => {
    const one = policyOf('one', {
      identifiers: { CODE: { pattern: 'CC~\\w{4}' } },
      mask: { entities: { CODE: 2 } },
    });
    expect(detect(one).mask('see CC~wxyz')).toBe('see CC~wxyz');
    expect(detect(one, policyOf('two')).mask('see CC~wxyz')).toBe('see [CODE]');
    expect(detect(one, policyOf('two', { mask: { default: 2 } })).mask('see CC~wxyz')).toBe('see CC~wxyz');
  });

  test('have a limit together', () => {
    const names = (letter: string) =>
      Object.fromEntries(
        Array.from({ length: 50 }, (_, i) => [`${letter}_CODE_${i}`, { pattern: `${letter}-${i}\\d{4}` }]),
      );
    const two = [policyOf('a', { identifiers: names('A') }), policyOf('b', { identifiers: names('B') })];
    expect(compilePolicies(two).entities.size).toBe(100);
    const three = [...two, policyOf('c', { identifiers: { C_CODE: { pattern: 'C-\\d{4}' } } })];
    expect(() => compilePolicies(three)).toThrow(/more than 100 identifiers/);
  });
});
