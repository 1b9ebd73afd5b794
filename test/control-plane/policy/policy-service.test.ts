import { readdirSync, readFileSync } from 'node:fs';
import { create, type MessageInitShape } from '@bufbuild/protobuf';
import { Code, ConnectError } from '@connectrpc/connect';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { parsePolicies } from '#core/policy/parse.ts';
import { ErrorDetailSchema, Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { MaskMethod, PolicySchema, type PolicySpecSchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { Change } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { findPolicy, listAllPolicies } from '../../../control-plane/storage/configuration/policies.ts';
import { rawDocument, storeAsOlder } from '../../env/alter.ts';
import { type Env, startEnv } from './env.ts';

let env: Env;
beforeAll(async () => {
  env = await startEnv();
}, 240_000);
afterAll(() => env?.close());
beforeEach(() => env.clear());

type Spec = MessageInitShape<typeof PolicySpecSchema>;

const RULES = [{ name: 'ordinary', action: { case: 'allow' as const, value: {} } }];
const SPEC: Spec = { groups: ['clinicians'], rules: RULES };
const BROKEN: Spec = { groups: ['clinicians'], rules: [{ ...RULES[0], when: 'nothing && findings.X > 0' }] };

const policy = (id: string, spec: Spec = SPEC, etag = '') =>
  create(PolicySchema, { name: `policies/${id}`, spec, etag });

/** Creates `policies/{id}` and returns it. */
async function given(id: string, spec: Spec = SPEC) {
  const created = (await env.client.createPolicy({ policyId: id, policy: { spec } })).policy;
  if (created === undefined) throw new Error('no policy came back');
  return created;
}

/** What a call fails with. */
async function failure(call: Promise<unknown>) {
  const error = await call.then(
    () => undefined,
    (error: unknown) => ConnectError.from(error),
  );
  if (error === undefined) throw new Error('the call did not fail');
  const detail = error.findDetails(ErrorDetailSchema)[0];
  return { code: error.code, reason: detail?.reason, metadata: { ...detail?.metadata } };
}

describe('CreatePolicy', () => {
  test('stores the policy, makes a revision and records it', async () => {
    const spec: Spec = {
      description: 'For clinicians.',
      groups: ['clinicians', '*'],
      routes: ['responses.create'],
      models: ['gpt-*'],
      patterns: { bulk: '(?i)all\\.patients$' },
      rules: [
        {
          name: 'bulk',
          when: 'patterns.bulk',
          action: { case: 'requireApproval', value: { reviewers: ['a'], expires: { seconds: 60n } } },
        },
        { name: 'no', when: 'stream', action: { case: 'deny', value: { message: 'No.' } } },
        ...RULES,
      ],
      mask: { default: MaskMethod.NONE, entities: { MRN: MaskMethod.PLACEHOLDER } },
    };
    const created = await given('a', spec);
    expect(created).toMatchObject({ name: 'policies/a', etag: expect.stringMatching(/./) });
    expect(created.createTime).toEqual(created.updateTime);
    expect(await findPolicy(env.context.database, 'policies/a')).toEqual(created);
    expect(created.spec).toEqual(policy('a', spec).spec);
    expect(await env.revision()).toBe(1n);
    expect(await env.actions()).toEqual(['policy.create policies/a by admin-1']);
  });

  test('stores the policies of the library as they are, one of parameters alone too', async () => {
    const folder = new URL('../../../examples/policy-library/', import.meta.url);
    const files = readdirSync(folder).filter((file) => !file.endsWith('.test.yaml'));
    const policies = files.flatMap((file) => parsePolicies(readFileSync(new URL(file, folder), 'utf8')));
    await env.client.applyPolicies({ policies });
    const stored = await listAllPolicies(env.context.database);
    expect(stored.map(({ name, spec }) => ({ name, spec }))).toEqual(
      policies.map(({ name, spec }) => ({ name, spec })),
    );
    expect(stored.find(({ name }) => name === 'policies/hipaa-baseline')?.spec?.rules).toEqual([]);
  });

  test('a name that is taken is refused', async () => {
    await given('a');
    expect(await failure(given('a'))).toMatchObject({
      code: Code.AlreadyExists,
      reason: Reason.ALREADY_EXISTS,
    });
    expect(await env.revision()).toBe(1n);
  });

  test('of two at once, one wins', async () => {
    const results = await Promise.allSettled([given('a'), given('a')]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(await env.actions()).toHaveLength(1);
  });

  test('one that keeps content for less than the deployment does is refused, and says what it may say', async () => {
    const rule = (days: number) => [
      {
        name: 'ordinary',
        action: { case: 'allow' as const, value: {} },
        retention: { seconds: BigInt(days) * 86_400n },
      },
    ];
    const spec = (days: number): Spec => ({ ...SPEC, retention: { seconds: BigInt(days) * 86_400n } });
    const { settings } = env.context;
    Object.assign(env.context, { settings: { ...settings, minimumRetention: 2_192 * 86_400_000 } });
    expect(await failure(given('a', spec(2_191)))).toMatchObject({
      reason: Reason.POLICY_INVALID,
      metadata: { 'policies/a spec.retention': expect.stringContaining('must be 2192d or more') },
    });
    expect(await failure(given('a', { ...SPEC, rules: rule(2_191) }))).toMatchObject({
      metadata: { 'policies/a spec.rules[0].retention': expect.stringContaining('must be 2192d or more') },
    });
    expect((await given('a', spec(2_192))).name).toBe('policies/a');
    const update = { policy: policy('a', spec(1)) };
    expect(await failure(env.client.updatePolicy(update))).toMatchObject({ reason: Reason.POLICY_INVALID });
    Object.assign(env.context, { settings });
  });

  test('a policy that does not compile is refused with all its faults, and leaves no trace', async () => {
    const spec: Spec = { ...BROKEN, patterns: { p: '(' }, routes: ['nowhere'] };
    expect(await failure(given('a', spec))).toEqual({
      code: Code.InvalidArgument,
      reason: Reason.POLICY_INVALID,
      metadata: {
        'policies/a spec.routes[0]': expect.stringContaining('unknown route'),
        'policies/a spec.patterns.p': expect.stringContaining('(at character 1)'),
        'policies/a spec.rules[0].when': expect.stringMatching(
          /unknown name nothing.*\n.*unknown findings\.X/,
        ),
      },
    });
    expect(await env.revision()).toBe(0n);
    expect(await env.actions()).toEqual([]);
    expect(await listAllPolicies(env.context.database)).toEqual([]);
  });

  test('identifiers are stored; those that cannot be are refused with the place of the fault', async () => {
    const identifiers = { STUDY_CODE: { pattern: 'ST-\\d{4}', context: ['study'], score: 0.5 } };
    const created = await given('a', { ...SPEC, identifiers });
    expect((await findPolicy(env.context.database, 'policies/a'))?.spec).toEqual(created.spec);
    expect(created.spec?.identifiers['STUDY_CODE']).toMatchObject(identifiers.STUDY_CODE);
    const wrong: Spec = {
      ...SPEC,
      identifiers: {
        LOOK: { pattern: 'ST-(?=1)\\d{4}' },
        BACK: { pattern: '(ST)-\\1' },
        OPEN: { pattern: 'ST-\\d+' },
        WIDE: { pattern: '[ab]{1,9}a[ab]{90}' },
        MRN: { pattern: 'ST-\\d{4}' },
      },
    };
    expect((await failure(given('b', wrong))).metadata).toEqual({
      'policies/b spec.identifiers.LOOK.pattern': 'look-around is not supported (at character 4)',
      'policies/b spec.identifiers.BACK.pattern': 'back-references are not supported (at character 6)',
      'policies/b spec.identifiers.OPEN.pattern': expect.stringMatching(/has no end.*\(at character 6\)/),
      'policies/b spec.identifiers.WIDE.pattern': expect.stringMatching(/too complex.*\(at character 15\)/),
      'policies/b spec.identifiers.MRN': expect.stringContaining('of the catalogue'),
    });
  });

  test('a policy that breaks the rules of its fields is refused', async () => {
    expect((await failure(given('a', { groups: [], rules: RULES }))).code).toBe(Code.InvalidArgument);
    expect((await failure(given('Bad Id'))).code).toBe(Code.InvalidArgument);
  });
});

describe('GetPolicy and ListPolicies', () => {
  test('get gives one, or says that there is none', async () => {
    const created = await given('a');
    expect((await env.client.getPolicy({ name: 'policies/a' })).policy).toEqual(created);
    expect(await failure(env.client.getPolicy({ name: 'policies/b' }))).toMatchObject({
      code: Code.NotFound,
      reason: Reason.NOT_FOUND,
      metadata: { name: 'policies/b' },
    });
  });

  test('list gives pages by name', async () => {
    for (const id of ['c', 'a', 'e', 'b', 'd']) await given(id);
    const pages = [];
    let pageToken = '';
    do {
      const page = await env.client.listPolicies({ pageSize: 2, pageToken });
      pages.push(page.policies.map(({ name }) => name));
      pageToken = page.nextPageToken;
    } while (pageToken !== '');
    expect(pages).toEqual([['policies/a', 'policies/b'], ['policies/c', 'policies/d'], ['policies/e']]);
    expect(await failure(env.client.listPolicies({ pageToken: 'bm9uc2Vuc2U' }))).toMatchObject({
      reason: Reason.INVALID_PAGE_TOKEN,
    });
  });
});

describe('UpdatePolicy', () => {
  test('writes the masked fields and nothing else', async () => {
    const before = await given('a', { ...SPEC, description: 'old' });
    const response = await env.client.updatePolicy({
      policy: policy(
        'a',
        { description: 'new', models: ['gpt-5'], groups: ['others'], rules: RULES },
        before.etag,
      ),
      updateMask: { paths: ['spec.description'] },
    });
    expect(response.policy?.spec).toMatchObject({ description: 'new', models: [], groups: ['clinicians'] });
    expect(response.policy?.etag).not.toBe(before.etag);
    expect(response.policy?.createTime).toEqual(before.createTime);
    expect(await env.revision()).toBe(2n);
    expect(await env.actions()).toContain('policy.update policies/a by admin-1');
  });

  test('takes a policy that has the fields to write alone, and checks what becomes of it', async () => {
    await given('a', { ...SPEC, description: 'old' });
    const { policy: after } = await env.client.updatePolicy({
      policy: { name: 'policies/a', spec: { description: 'new' } },
      updateMask: { paths: ['spec.description'] },
    });
    expect(after?.spec).toMatchObject({ description: 'new', groups: ['clinicians'] });
    // Without a mask the fields that are set count.
    const again = await env.client.updatePolicy({
      policy: { name: 'policies/a', spec: { models: ['gpt-5'] } },
    });
    expect(again.policy?.spec).toMatchObject({ description: 'new', models: ['gpt-5'] });
    const emptied = { policy: { name: 'policies/a' }, updateMask: { paths: ['spec.groups'] } };
    expect(await failure(env.client.updatePolicy(emptied))).toMatchObject({ reason: Reason.POLICY_INVALID });
    expect(await failure(env.client.updatePolicy({}))).toMatchObject({ code: Code.InvalidArgument });
  });

  test('with * replaces the whole spec', async () => {
    await given('a', { ...SPEC, description: 'old' });
    const { policy: after } = await env.client.updatePolicy({
      policy: policy('a', { ...SPEC, models: ['gpt-5'] }),
      updateMask: { paths: ['*'] },
    });
    expect(after?.spec).toMatchObject({ description: '', models: ['gpt-5'] });
  });

  test('is refused with an old etag, an unknown field, a fault, or for a policy that does not exist', async () => {
    const before = await given('a');
    const update = (fields: Parameters<typeof env.client.updatePolicy>[0]) =>
      failure(env.client.updatePolicy(fields));
    expect(await update({ policy: policy('a', SPEC, 'old') })).toMatchObject({
      code: Code.Aborted,
      reason: Reason.ETAG_MISMATCH,
    });
    expect(await update({ policy: policy('a'), updateMask: { paths: ['etag'] } })).toMatchObject({
      reason: Reason.INVALID_UPDATE_MASK,
    });
    expect(await update({ policy: policy('a', BROKEN) })).toMatchObject({ reason: Reason.POLICY_INVALID });
    expect(await update({ policy: policy('b') })).toMatchObject({ reason: Reason.NOT_FOUND });
    expect(await findPolicy(env.context.database, 'policies/a')).toEqual(before);
    expect(await env.revision()).toBe(1n);
  });
});

describe('DeletePolicy', () => {
  test('removes the policy, makes a revision and records it', async () => {
    await given('a');
    await env.client.deletePolicy({ name: 'policies/a' });
    expect(await findPolicy(env.context.database, 'policies/a')).toBeUndefined();
    expect(await env.revision()).toBe(2n);
    expect(await env.actions()).toEqual([
      'policy.create policies/a by admin-1',
      'policy.delete policies/a by admin-1',
    ]);
  });

  test('is refused with an old etag, or for a policy that does not exist', async () => {
    await given('a');
    expect(await failure(env.client.deletePolicy({ name: 'policies/a', etag: 'old' }))).toMatchObject({
      reason: Reason.ETAG_MISMATCH,
    });
    expect(await failure(env.client.deletePolicy({ name: 'policies/b' }))).toMatchObject({
      reason: Reason.NOT_FOUND,
    });
    expect(await env.revision()).toBe(1n);
  });
});

describe('ApplyPolicies', () => {
  test('creates and replaces in one revision, and says what it did', async () => {
    const same = await given('same');
    const old = await given('old');
    const changed: Spec = { ...SPEC, description: 'changed' };
    const { results } = await env.client.applyPolicies({
      policies: [policy('new'), policy('same'), policy('old', changed, old.etag)],
    });
    expect(results.map(({ change }) => change)).toEqual([Change.CREATED, Change.UNCHANGED, Change.UPDATED]);
    expect(results[1]?.policy).toEqual(same);
    expect(results[2]?.policy?.createTime).toEqual(old.createTime);
    const stored = await listAllPolicies(env.context.database);
    expect(stored).toEqual([results[0]?.policy, results[2]?.policy, results[1]?.policy]);
    expect(await env.revision()).toBe(3n);
    expect((await env.actions()).slice(2)).toEqual([
      'policy.create policies/new by admin-1',
      'policy.update policies/old by admin-1',
      'policy.apply policies by admin-1',
    ]);
  });

  test('what is so already makes no revision and no record', async () => {
    await env.client.applyPolicies({ policies: [policy('a'), policy('b')] });
    const { results } = await env.client.applyPolicies({ policies: [policy('b'), policy('a')] });
    expect(results.map(({ change }) => change)).toEqual([Change.UNCHANGED, Change.UNCHANGED]);
    expect(await env.revision()).toBe(1n);
    expect(await env.actions()).toHaveLength(3);
  });

  test.each<[string, () => Parameters<typeof env.client.applyPolicies>[0]['policies'], Reason]>([
    ['one does not compile', () => [policy('b'), policy('c', BROKEN)], Reason.POLICY_INVALID],
    ['one is there twice', () => [policy('b'), policy('b')], Reason.POLICY_INVALID],
    ['one has an old etag', () => [policy('b'), policy('a', SPEC, 'old')], Reason.ETAG_MISMATCH],
    ['one with an etag is gone', () => [policy('b', SPEC, 'old')], Reason.ETAG_MISMATCH],
  ])('changes nothing when %s', async (_what, policies, reason) => {
    const before = await given('a');
    expect(await failure(env.client.applyPolicies({ policies: policies() ?? [] }))).toMatchObject({ reason });
    expect(await listAllPolicies(env.context.database)).toEqual([before]);
    expect(await env.revision()).toBe(1n);
    expect(await env.actions()).toHaveLength(1);
  });

  test('with validate_only says the same and changes nothing', async () => {
    const before = await given('a');
    const { results } = await env.client.applyPolicies({
      policies: [policy('a', { ...SPEC, models: ['gpt-5'] }), policy('b')],
      validateOnly: true,
    });
    expect(results.map(({ change }) => change)).toEqual([Change.UPDATED, Change.CREATED]);
    expect(
      await failure(env.client.applyPolicies({ policies: [policy('b', BROKEN)], validateOnly: true })),
    ).toMatchObject({
      reason: Reason.POLICY_INVALID,
    });
    expect(await listAllPolicies(env.context.database)).toEqual([before]);
    expect(await env.revision()).toBe(1n);
  });

  test('two at once both arrive, each whole', async () => {
    await Promise.all([
      env.client.applyPolicies({ policies: [policy('a'), policy('b')] }),
      env.client.applyPolicies({ policies: [policy('c'), policy('d')] }),
    ]);
    expect((await listAllPolicies(env.context.database)).map(({ name }) => name)).toEqual(
      ['a', 'b', 'c', 'd'].map((id) => `policies/${id}`),
    );
    expect(await env.revision()).toBe(2n);
    expect(await env.actions()).toHaveLength(6);
  });

  test('a stored policy that no longer compiles stops nobody from mending another', async () => {
    await given('a');
    const { database } = env.context;
    const stored = await rawDocument(database, 'policies', 'policies/a');
    const spec = { ...stored['spec'], routes: ['gone.route'] };
    await storeAsOlder(database, 'policies', { ...stored, spec });
    await given('b');
    expect(
      (
        await failure(
          env.client.updatePolicy({ policy: policy('a'), updateMask: { paths: ['spec.models'] } }),
        )
      ).reason,
    ).toBe(Reason.POLICY_INVALID);
    await env.client.updatePolicy({ policy: policy('a'), updateMask: { paths: ['*'] } });
    expect((await findPolicy(env.context.database, 'policies/a'))?.spec?.routes).toEqual([]);
  });
});
