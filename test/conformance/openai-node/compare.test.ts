import { expect, test } from 'vitest';
import { findChanges } from './changes.ts';
import { type Call, compareRuns, type TestResult } from './compare.ts';
import { formatReport } from './report.ts';

const result = (name: string, status: TestResult['status'] = 'passed', message = ''): TestResult => ({
  id: `/suite/${name}`,
  file: `${name}.test.ts`,
  name,
  status,
  message,
});
const call = (path: string, status: number, code = '', message = ''): Call => ({
  test: '/suite/a',
  method: 'POST',
  path,
  status,
  code,
  message,
  requestBody: '{}',
  answerBody: '{}',
});
const ASSISTANTS =
  'Sworn refuses this route. It works on stored content of its own that nothing here reads or masks; use the Responses API. (record 1)';

function verdictOf(direct: TestResult, through: TestResult | undefined, calls: readonly Call[] = []) {
  const [comparison] = compareRuns([direct], through === undefined ? [] : [through], calls);
  return comparison;
}

test('what passes both ways is the same', () => {
  expect(verdictOf(result('a'), result('a'), [call('/responses', 200)])).toMatchObject({ verdict: 'same' });
});

test('what fails or is skipped directly says nothing of Sworn', () => {
  expect(verdictOf(result('a', 'failed'), result('a'))).toMatchObject({ verdict: 'not run' });
  expect(verdictOf(result('a', 'skipped'), result('a', 'skipped'))).toMatchObject({ verdict: 'not run' });
});

test('a refusal counts as one when Sworn gave the reason of the catalogue', () => {
  const failed = result('a', 'failed', 'Error: 403');
  const refused = [call('/assistants', 403, 'route_not_allowed', ASSISTANTS)];
  expect(verdictOf(result('a'), failed, refused)).toMatchObject({
    verdict: 'refused',
    reason: expect.stringContaining('use the Responses API'),
  });
});

test.each([
  ['with another reason', call('/assistants', 403, 'route_not_allowed', 'No.')],
  ['with another code', call('/assistants', 403, 'no_policy', ASSISTANTS)],
  ['of a route that is served', call('/responses', 403, 'route_not_allowed', ASSISTANTS)],
  ['of a path that nobody knows', call('/graphs', 404, 'unknown_route', 'Sworn does not know it.')],
])('a refusal %s is a difference', (_, refused) => {
  const comparison = verdictOf(result('a'), result('a', 'failed', 'Error: 403\nat x'), [refused]);
  expect(comparison).toMatchObject({ verdict: 'different' });
  expect(comparison?.reason).toMatch(/^Error: 403 \(POST \/\w+ 40[34] \w+\)$/);
});

test('a test that ran once only is a difference', () => {
  expect(verdictOf(result('a'), undefined)).toMatchObject({ verdict: 'different' });
  expect(compareRuns([], [result('a')], [])).toMatchObject([{ verdict: 'different' }]);
});

test('the report counts by parts, gives reasons, and names every difference', () => {
  const direct = ['a', 'b', 'c'].map((name) => ({ ...result(name), file: `chat/${name}.test.ts` }));
  const through = [direct[0], { ...direct[1], status: 'failed' }, { ...direct[2], status: 'failed' }];
  const refused = call('/assistants', 403, 'route_not_allowed', ASSISTANTS);
  const calls = [call('/chat/completions', 200), { ...refused, test: '/suite/b' }];
  const report = formatReport(compareRuns(direct, through as TestResult[], calls));
  expect(report).toContain('| chat | 3 | 1 | 1 | 1 | 0 | 1 | 0 |\n| all | 3 | 1 | 1 | 1 | 0 | 1 | 0 |');
  expect(report).toContain('Refused for good:\n\n- 1: It works on stored content');
  expect(report).toContain('DIFFERENT chat/c.test.ts: c: ');
});

test('what is changed on the way is found, and what is to be emptied is no fault', () => {
  const answer = { choices: [{ text: 'a', logprobs: { tokens: ['a'] } }], usage: { total: 1 } };
  const change = (value: object) => ({ ...call('/completions', 200), answerBody: JSON.stringify(value) });
  const emptied = { ...answer, choices: [{ text: 'a', logprobs: null }] };
  const refused = call('/assistants', 403, 'route_not_allowed', ASSISTANTS);
  const good = findChanges([change(answer)], [refused, change(emptied)]);
  expect(good).toMatchObject({ calls: 1, faults: [] });
  expect([...good.emptied]).toEqual([['choices[].logprobs', 1]]);

  const lost = findChanges([change(answer)], [change({ choices: answer.choices })]);
  expect(lost.faults).toEqual(['POST /completions: the answer was changed at usage']);
  const request = findChanges([call('/a', 200)], [{ ...call('/a', 200), requestBody: '{ }' }]);
  expect(request.faults).toEqual(['POST /a: the body of the request was changed']);
  expect(findChanges([call('/a', 200)], []).faults).toHaveLength(1);
});
