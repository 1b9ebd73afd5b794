import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { addIdentifiers } from '#core/phi/custom/detector.ts';
import { createDetector } from '#core/phi/detect.ts';
import { compilePolicies } from '#core/policy/compile.ts';
import { parsePolicies } from '#core/policy/parse.ts';
import { type Recorded, simulate } from '#core/policy/trial/simulate.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { Action, DecisionSchema } from '#proto/sworn/policy/v1/decision_pb.ts';

const builtIn = createDetector();

function judge(spec: string, fields: Partial<Recorded> = {}) {
  const text = `apiVersion: sworn/v1\nkind: Policy\nname: next\nspec:\n  groups: [clinicians]\n${spec}`;
  const compiled = compilePolicies(parsePolicies(text));
  return simulate(compiled, addIdentifiers(builtIn, compiled.identifiers), { ...RECORDED, ...fields });
}

const body = (input: string) => new TextEncoder().encode(JSON.stringify({ model: 'gpt-5', input }));
const prompt = (input: string) => ({ method: 'POST', path: '/v1/responses', body: body(input) });
const RECORDED: Recorded = {
  caller: create(CallerSchema, { subject: 'u-1', groups: ['clinicians'] }),
  startMs: Date.UTC(2026, 2, 2, 14, 30),
  decision: create(DecisionSchema, { action: Action.ALLOW, policy: 'policies/now', rule: 'ordinary' }),
  findings: {},
  tokenized: {},
  masked: {},
  prompt: prompt('What is a stent?'),
  delivered: [],
  session: undefined,
};
const DENIED = create(DecisionSchema, { action: Action.DENY });
const ALLOW = '  rules: [{ name: all, allow: {} }]\n';

describe('what would become of an exchange', () => {
  test.each([
    ['allow: {}', RECORDED.decision, 'same'],
    ['allow: {}', DENIED, 'allowed'],
    ['deny: {}', RECORDED.decision, 'denied'],
    ['deny: {}', DENIED, 'same'],
    ['requireApproval: { reviewers: [office] }', RECORDED.decision, 'asked'],
  ])('%s', (action, decision, change) => {
    const result = judge(`  rules: [{ name: all, ${action} }]\n`, { decision });
    expect(result).toMatchObject({ change, decision: { rule: 'all' } });
  });

  test('what was found then counts, and what the policies define is looked for anew', () => {
    const rules = (when: string) =>
      `  identifiers: { WARD_CODE: { pattern: 'W-[0-9]{4}' } }\n  rules: [{ name: one, when: ${when}, deny: {} }, { name: all, allow: {} }]\n`;
    // The external detector had found it: in the text there is none.
    expect(judge(rules('findings.US_SSN == 2'), { findings: { US_SSN: 2 } }).change).toBe('denied');
    expect(judge(rules('findings.US_SSN > 0'), { prompt: prompt('SSN 219-09-9999') }).change).toBe('same');
    expect(judge(rules('findings.WARD_CODE == 1'), { prompt: prompt('on W-1234') }).change).toBe('denied');
    const two = prompt('MRN: 00482915 and MRN: 00482916, MRN: 00482915');
    expect(judge(rules('distinct.MRN == 2'), { prompt: two }).change).toBe('denied');
    expect(judge(rules('time.hour == 14'), {}).change).toBe('denied');
  });
});

test('other changes of the request are told', () => {
  expect(judge(`${ALLOW}  parameters: { store: { force: false } }\n`)).toMatchObject({ change: 'changed' });
});

describe('what cannot be said', () => {
  test.each([
    ['"left" in caller.claims["hr.status"]', 'caller.claims["hr.status"]'],
    ['labels["site"] == "north"', 'labels["site"]'],
    ['region == "us-east"', 'region'],
    ['session.exchanges > 3', 'session.exchanges'],
  ])('%s', (when, fact) => {
    const rules = `  rules: [{ name: one, when: '${when}', deny: {} }, { name: all, allow: {} }]\n`;
    expect(judge(rules)).toEqual({
      change: 'unknown',
      reason: `conditions read what is not recorded: ${fact}`,
    });
    // A rule that is not come to reads nothing.
    expect(
      judge(`  rules: [{ name: all, allow: {} }, { name: one, when: '${when}', deny: {} }]\n`).change,
    ).toBe('same');
  });

  test('the session is known where all of it is read', () => {
    const rules = `  rules: [{ name: one, when: session.tokens > 3, deny: {} }, { name: all, allow: {} }]\n`;
    expect(judge(rules, { session: { exchanges: 1, tokens: 4, cost: 0 } }).change).toBe('denied');
    expect(judge(rules, { session: { exchanges: 1, tokens: 3, cost: 0 } }).change).toBe('same');
  });

  test('what a limit refused, unless it would be denied anyhow', () => {
    const decision = create(DecisionSchema, { ...DENIED, policy: 'policies/now', limit: 'daily' });
    const reason = 'policy now, limit daily refused it, and limits are not counted anew';
    expect(judge(ALLOW, { decision })).toEqual({ change: 'unknown', reason });
    const asks = '  rules: [{ name: all, requireApproval: { reviewers: [office] } }]\n';
    expect(judge(asks, { decision })).toEqual({ change: 'unknown', reason });
    expect(judge('  rules: [{ name: all, deny: {} }]\n', { decision }).change).toBe('same');
  });

  test.each([
    [undefined, 'its content is erased'],
    [{ ...prompt('x'), method: 'WEBSOCKET' }, 'it was a message of a connection'],
    [{ ...prompt('x'), path: '/v1/nowhere' }, 'its route is not served any more'],
    [{ ...prompt('x'), body: new Uint8Array([0x7b]) }, 'it would be refused unread'],
    [{ ...prompt('x'), path: '/v1/files' }, 'it was a form, of which the record has no type'],
  ])('%#', (given, reason) => {
    expect(judge(ALLOW, { prompt: given })).toEqual({ change: 'unknown', reason });
  });
});

describe('masking', () => {
  const bare = '  mask: { entities: { DATE: none } }\n';

  test('what was masked and would be bare, what was bare and would be masked', () => {
    const fields = { masked: { DATE: 2, PERSON: 1 }, delivered: ['SSN 219-09-9999 of [PERSON]'] };
    expect(judge(ALLOW + bare, fields)).toMatchObject({
      masked: { request: {}, answer: { US_SSN: 1 } },
      unmasked: { request: {}, answer: { DATE: 2 } },
    });
  });

  test('what a mask left of a value does not count as bare', () => {
    // A date that was moved, and the first digits of a ZIP code.
    const delivered = ['seen April 20, 2025, ZIP code 021, SSN 219-09-9999'];
    const mask = '  mask: { entities: { DATE: shift, ZIP_CODE: zip3 } }\n';
    const masked = { DATE: 1, ZIP_CODE: 1 };
    expect(judge(ALLOW + mask, { delivered, masked })).toHaveProperty('masked.answer', { US_SSN: 1 });
    const bareThen = { ...masked, US_SSN: 1 };
    expect(judge(ALLOW + mask, { delivered })).toHaveProperty('masked.answer', bareThen);
  });

  test('what went to the provider bare and would be a token, and the other way round', () => {
    const fields = { findings: { MRN: 1, US_SSN: 1, DATE: 1 }, tokenized: { DATE: 1 } };
    expect(judge(`${ALLOW}  tokenize: { entities: [MRN] }\n`, fields)).toMatchObject({
      masked: { request: { MRN: 1 } },
      unmasked: { request: { DATE: 1 } },
    });
  });

  test('the arguments of tools are read as JSON, as they were when they were masked', () => {
    // As a text, a number that may be that of a house.
    expect(builtIn.scan('{"patient":"4711"}')).toHaveLength(1);
    expect(judge(ALLOW, { delivered: ['{"patient":"4711"}'] })).toHaveProperty('masked.answer', {});
    const answer = { masked: { answer: { MRN: 1 } } };
    expect(judge(ALLOW, { delivered: ['{"mrn":"48213"}'] })).toMatchObject(answer);
  });

  test('of what is denied nothing is delivered', () => {
    const fields = { masked: { DATE: 2 }, delivered: ['SSN 219-09-9999'] };
    const nothing = { request: {}, answer: {} };
    const none = { masked: nothing, unmasked: nothing };
    expect(judge(`  rules: [{ name: all, deny: {} }]\n${bare}`, fields)).toMatchObject(none);
    expect(judge(ALLOW + bare, { ...fields, decision: DENIED })).toMatchObject(none);
  });
});
