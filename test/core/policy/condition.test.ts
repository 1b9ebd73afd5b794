import { describe, expect, test } from 'vitest';
import { type CustomEntity, customEntity } from '#core/phi/entities.ts';
import {
  type Condition,
  ConditionError,
  ConditionSyntaxError,
  compileCondition,
} from '#core/policy/condition/compile.ts';
import { bindFacts, bindPatterns, bindTime, contextType } from '#core/policy/condition/context.ts';
import { processorMs } from '../../env/processor-time.ts';
import { circumstancesOf, parametersOf, requestOf } from './policies.ts';

const CONTEXT = contextType(['bulk', 'minors'], ['STUDY_CODE']);
const CLAIMS: Record<string, string[]> = { department: ['cardiology'], level: ['6', '7'], absent: [] };
const REQUEST = requestOf({
  tools: ['search', 'write_note'],
  findings: { US_SSN: 2, MRN: 1 },
  parameters: parametersOf({ n: 3, metadata: { ward: '3' }, tools: [{ type: 'mcp' }], user: 5 }),
  circumstances: circumstancesOf({
    claim: (name) => CLAIMS[name],
    region: 'eu-central',
    labels: { env: 'prod' },
    session: { exchanges: 5, tokens: 1000, cost: 2.5 },
    distinct: { MRN: 2, US_SSN: 1 },
  }),
});
const STUDY_CODE = customEntity('STUDY_CODE') as CustomEntity;
const NAMES = {
  claims: new Set(['department', 'level', 'absent', 'odd']),
  labels: new Set(['env', 'other']),
};
const BINDINGS = {
  ...bindFacts(REQUEST, new Set([STUDY_CODE]), NAMES),
  time: bindTime(REQUEST.circumstances.nowMs, ''),
  patterns: bindPatterns(
    new Map([
      ['bulk', true],
      ['minors', false],
    ]),
  ),
};

function compile(source: string): Condition {
  return compileCondition(source, CONTEXT);
}

function faultsOf(source: string): readonly { offset: number; message: string }[] {
  try {
    compile(source);
  } catch (error) {
    if (error instanceof ConditionSyntaxError) return error.faults;
    throw error;
  }
  throw new Error(`accepted: ${source}`);
}

describe('conditions that are accepted', () => {
  test.each([
    ['true', true],
    ['patterns.bulk', true],
    ['patterns.minors', false],
    ['findings.total == 3', true],
    ['findings.US_SSN > 1 && findings.MRN < 2', true],
    ['findings.PERSON == 0', true],
    ['findings.US_SSN + findings.MRN * 2 - 1 >= 3', true],
    ['-findings.MRN == -1', true],
    ['findings.total % 2 == 1', true],
    ['caller.email.endsWith("@hospital.example")', true],
    ['caller.issuer.startsWith("http:")', false],
    ['caller.client.contains("assist")', true],
    ['caller.subject != "u-2"', true],
    ['"clinicians" in caller.groups', true],
    ['"admins" in caller.groups', false],
    ['model in ["gpt-5", "gpt-4o"]', true],
    ['route == "responses.create" && stream', true],
    ['size(tools) == 2 && tools.size() == 2', true],
    ['size(model) == 5', true],
    ['tools[0] == "search"', true],
    ['tools.exists(t, t.startsWith("write_"))', true],
    ['tools.all(t, t in ["search"])', false],
    ['tools.exists_one(t, t == "search")', true],
    ['caller.groups.exists(g, g == "clinicians" && stream)', true],
    ['stream ? findings.total > 2 : findings.total > 5', true],
    ['!patterns.minors || false', true],
    ['1.5 < 2.5', true],
    ['"cardiology" in caller.claims["department"]', true],
    ['size(caller.claims["level"]) == 2 && caller.claims["level"][1] == "7"', true],
    ['size(caller.claims["absent"]) == 0', true],
    ['caller.claims["department"].exists(d, d.startsWith("cardio"))', true],
    ['labels["env"] == "prod" && labels["other"] == ""', true],
    ['region == "eu-central"', true],
    ['parameters.store && !parameters.background', true],
    ['parameters.n == 3 && parameters.max_output_tokens == 0', true],
    ['"mcp" in parameters.tools && parameters.service_tier == ""', true],
    ['parameters.metadata.exists(k, k == "ward")', true],
    ['session.exchanges > 4 && session.tokens <= 1000', true],
    ['distinct.MRN == 2 && distinct.total == 3', true],
    ['time.hour == 14 && time.minute == 30', true],
    ['time.weekday == "monday" && time.date == "2026-03-02"', true],
    ['time.date >= "2026-03-01" && time.hour in [14, 15]', true],
    // Of an or, the side that can be evaluated is enough: CEL's own rule.
    ['10 / findings.PERSON > 1 || true', true],
  ])('%s is %s', (source, expected) => {
    expect(compile(source).evaluate(BINDINGS)).toBe(expected);
  });

  test('tell which patterns they refer to', () => {
    expect(compile('patterns.bulk && (stream || patterns.minors || patterns.bulk)').patterns).toEqual([
      'bulk',
      'minors',
    ]);
    expect(compile('stream').patterns).toEqual([]);
    const { reads } = compile('labels["a"] == "b" || "c" in caller.claims["d"] || distinct.MRN > 3');
    expect([...reads].map(([title, names]) => [title, ...names])).toEqual([
      ['labels', 'a'],
      ['caller', 'claims'],
      ['caller.claims', 'd'],
      ['distinct', 'MRN'],
    ]);
  });
});

describe('conditions that are refused', () => {
  test.each([
    ['', /not a CEL expression/],
    ['stream &&', /not a CEL expression/],
    ['findings.total > 2 >', /not a CEL expression/],
    ['findings.total = 0', /= is not expected here; write ==$/],
    ['stream & stream', /& is not expected here; write &&$/],
    ['stream | stream', /\| is not expected here; write \|\|$/],
    ['stream and stream', /is not expected here; write &&$/],
    ['stream or stream', /is not expected here; write \|\|$/],
    ['model <> "a"', /is not expected here; write !=$/],
    ['model == ', /is not expected here$/],
    ['findings.total', /must be of type bool, this is int/],
    ['"yes"', /must be of type bool, this is string/],
    ['caller', /must be of type bool, this is the whole of caller/],
    ['caler.email == ""', /^unknown name caler; did you mean caller\?$/],
    ['caller.mail == ""', /unknown caller.mail; there are issuer/],
    ['findings.SSN > 0', /^unknown findings.SSN; did you mean US_SSN\?$/],
    ['findings.WEIGHT > 0', /unknown findings.WEIGHT; there are total, PERSON/],
    ['findings["US_SSN"] > 0', /cannot be applied/],
    ['patterns.other', /unknown patterns.other; there are bulk, minors/],
    ['model.name == ""', /string has no field name/],
    ['findings.total > "2"', />.* cannot be applied to int, string/],
    ['findings.total > 1.5', />.* cannot be applied to int, double/],
    ['findings.total == "2"', /== cannot be applied/],
    ['caller == caller', /== cannot be applied/],
    ['caller.groups == tools', /== cannot be applied/],
    ['!findings.total', /! cannot be applied to int/],
    ['stream && findings.total', /&& cannot be applied to bool, int/],
    ['stream ? 1 : false', /cannot be applied/],
    ['1 in caller.groups', /in cannot be applied/],
    ['model in "gpt"', /in cannot be applied/],
    ['model + "x" == "y"', /\+ cannot be applied/],
    ['model.matches("(a+)+")', /matches\(\) cannot be used/],
    ['matches(model, "a")', /matches\(\) cannot be used/],
    ['model.lowerAscii() == ""', /unknown function lowerAscii/],
    ['startsWith(model, "a")', /unknown function startsWith/],
    ['timestamp("2026-01-01T00:00:00Z") == timestamp("2026-01-01T00:00:00Z")', /unknown function timestamp/],
    ['string(stream) == "true"', /unknown function string/],
    ['dyn(1) == "1"', /unknown function dyn/],
    ['type(model) == type(route)', /unknown function type/],
    ['has(caller.email)', /has\(\) is not needed/],
    ['model.contains(caller.email)', /contains\(\) takes a string written out/],
    [`model.contains("${'a'.repeat(257)}")`, /contains\(\) takes a string written out/],
    ['tools.map(t, t).size() > 0', /of the macros, only/],
    ['tools.filter(t, t == "a").size() > 0', /of the macros, only/],
    ['tools.exists(t, caller.groups.exists(g, g == t))', /cannot be nested/],
    ['tools.exists(t, has(caller.email))', /has\(\) is not needed/],
    ['tools.exists(t, tools.all(u, model.matches(u)))', /cannot be nested/],
    ['tools.exists_one(t, t == 1)', /== cannot be applied to string, int/],
    ['tools.all(t, size(t))', /body of all\(\) must be of type bool/],
    ['tools.exists(t, t in caller.groups)', /takes a list that is written out/],
    ['tools.exists(t, size(t))', /body of exists\(\) must be of type bool/],
    ['model.exists(t, true)', /exists\(\) needs a list, this is string/],
    ['tools.exists(t, true) && t == ""', /unknown name t/],
    [`tools.exists(t, ${'t == "a" || '.repeat(40)}false)`, /body of exists\(\) may have at most 100/],
    ['model in []', /a list must have elements/],
    ['1 in [1, "a"]', /all be of the same plain type/],
    ['{"a": 1}.size() == 1', /maps and messages cannot/],
    ['caller.?email == ""', /./],
    ['null == null', /only true, false, numbers and strings/],
    ['b"a" == b"a"', /only true, false, numbers and strings/],
    ['2u == 2u', /only true, false, numbers and strings/],
    ['@result', /not a CEL expression/],
    ['caller.claims[model] == caller.groups', /caller.claims takes a name that is written out/],
    ['caller.claims == caller.claims', /== cannot be applied/],
    ['caller.claims["a"] == "b"', /== cannot be applied to list of string, string/],
    [
      'caller.claims.department == ""',
      /caller.claims has no field department; write caller.claims\["department"\]/,
    ],
    ['(stream ? labels : labels)["a"] == ""', /cannot be applied to the whole of labels, string/],
    ['labels[0] == ""', /labels takes a name that is written out/],
    ['labels["a"]["b"] == ""', /cannot be applied/],
    ['tools.exists(t, labels[t] == "")', /labels takes a name that is written out/],
    ['parameters.stor', /^unknown parameters.stor; did you mean store\?$/],
    ['time.hour == "14"', /== cannot be applied to int, string/],
    ['time.second == 1', /unknown time.second; there are hour/],
    ['__proto__ == 1', /unknown name __proto__/],
    ['caller.constructor == ""', /unknown caller.constructor/],
  ])('%s', (source, message) => {
    expect(faultsOf(source).map((fault) => fault.message)).toContainEqual(expect.stringMatching(message));
  });

  test('all faults are told, each with its place', () => {
    const source = 'foo || findings.SSN > 0 || model.matches("a")';
    expect(faultsOf(source).map(({ offset }) => offset)).toEqual([0, 15, 32]);
  });

  test.each([
    ['characters', `stream${' '.repeat(4000)}`, /at most 4000 characters/],
    ['brackets', `${'('.repeat(33)}stream${')'.repeat(33)}`, /nested at most 32 deep/],
    ['levels', `${'stream ? true : '.repeat(100)}false`, /at most 64 levels/],
    ['parts', `1 in [${'1,'.repeat(998)}1]`, /at most 1000 parts/],
  ])('limits on %s', (_what, source, message) => {
    const parse = () => expect(faultsOf(source)[0]?.message).toMatch(message);
    expect(processorMs(parse)).toBeLessThan(2000);
  });
});

describe('conditions that fail on the values of a request', () => {
  test.each([
    ['10 / findings.PERSON > 1', 'a division by zero'],
    ['10 % findings.PERSON > 1', 'a division by zero'],
    ['9223372036854775807 + findings.MRN > 1', 'a number out of range'],
    ['size(caller.claims["odd"]) == 0', 'a value that is not there'],
    ['parameters.user == ""', 'a value that is not there'],
    ['tools[7] == "search"', 'a value that is not there'],
    ['tools.exists(t, tools[7] == t)', 'a value that is not there'],
  ])('%s: %s', (source, message) => {
    const condition = compile(source);
    expect(() => condition.evaluate(BINDINGS)).toThrow(new ConditionError(message));
  });
});
