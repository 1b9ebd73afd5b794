import { create } from '@bufbuild/protobuf';
import { FieldMaskSchema } from '@bufbuild/protobuf/wkt';
import { Code, type ConnectError } from '@connectrpc/connect';
import { describe, expect, test } from 'vitest';
import { Health } from '#proto/grpc/health/v1/health_pb.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { Reason, ReasonSchema } from '#proto/sworn/error/v1/error_pb.ts';
import { IdentityService } from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { IssuerSchema } from '#proto/sworn/identity/v1/issuer_pb.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import { PolicyService } from '#proto/sworn/policy/v1/policy_service_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { accessOf } from '../../../control-plane/api/access.ts';
import { fail, reasonOf } from '../../../control-plane/api/fail.ts';
import { pageToken, readPage } from '../../../control-plane/api/paging.ts';
import { formatPosition, parseNumber, parsePosition } from '../../../control-plane/api/position.ts';
import { applyMask } from '../../../control-plane/api/update-mask.ts';

const SERVICES = [
  ApprovalService,
  AuditService,
  Health,
  IdentityService,
  PlaneService,
  PolicyService,
  UpstreamService,
];

function reasonThrownBy(run: () => unknown): Reason | undefined {
  try {
    run();
  } catch (error) {
    return reasonOf(error);
  }
  return undefined;
}

describe('access', () => {
  test.each(SERVICES.flatMap((service) => service.methods))(
    'the table knows $parent.typeName.$name',
    (method) => {
      expect(accessOf(method)).not.toEqual([]);
    },
  );

  test('nobody may call what the table does not know', () => {
    const method = PolicyService.method.applyPolicies;
    const unknown = { ...method, localName: 'constructor', parent: method.parent };
    expect(accessOf(unknown)).toEqual([]);
    expect(
      accessOf({ ...method, parent: { ...method.parent, typeName: 'sworn.policy.v2.PolicyService' } }),
    ).toEqual([]);
  });

  test('only joining and health take no identity', () => {
    const open = SERVICES.flatMap((service) => service.methods).filter(
      (method) => accessOf(method) === 'anyone',
    );
    expect(open.map(({ name }) => name)).toEqual(['Check', 'Watch', 'Enroll']);
  });
});

describe('fail', () => {
  test.each(ReasonSchema.values.filter(({ number }) => number !== Reason.UNSPECIFIED))(
    '$name has a code and is read back',
    ({ number: value }) => {
      const number = value as Reason;
      const error = fail(number, 'why', { name: 'policies/a' });
      expect(reasonOf(error)).toBe(number);
      expect(error.code === Code.Internal).toBe(number === Reason.INTERNAL);
    },
  );
});

describe('paging', () => {
  test('gives 50 when no size is asked for, and never more than 1,000', () => {
    expect(readPage({ pageSize: 0, pageToken: '' }, 's')).toEqual({ limit: 50, after: undefined });
    expect(readPage({ pageSize: 5, pageToken: '' }, 's').limit).toBe(5);
    expect(readPage({ pageSize: 1_000_000, pageToken: '' }, 's').limit).toBe(1_000);
  });

  test('takes its own token back, for the same query only', () => {
    const token = pageToken('policies', 'policies/ä');
    expect(readPage({ pageSize: 1, pageToken: token }, 'policies').after).toBe('policies/ä');
    expect(pageToken('policies', undefined)).toBe('');
    const other = () => readPage({ pageSize: 1, pageToken: token }, 'issuers');
    expect(reasonThrownBy(other)).toBe(Reason.INVALID_PAGE_TOKEN);
  });

  test.each(['x', 'policies/a', '!!!!', 'A'.repeat(16), `${pageToken('policies', 'a')}=`])(
    'refuses the token %s',
    (token) => {
      const read = () => readPage({ pageSize: 1, pageToken: token }, 'policies');
      expect(reasonThrownBy(read)).toBe(Reason.INVALID_PAGE_TOKEN);
    },
  );
});

describe('what a page token carries', () => {
  test('is read as it was written', () => {
    const position = { timeMs: Date.UTC(2026, 0, 1), id: 'sessions/a b' };
    expect(parsePosition(formatPosition(position))).toEqual(position);
    expect(parseNumber('42')).toBe(42);
    expect([parsePosition(undefined), parseNumber(undefined)]).toEqual([undefined, undefined]);
  });

  // The last time is one that no Date has.
  test.each(['', 'x', '1', '1 ', '1.5 a', 'NaN a', `${'9'.repeat(16)} a`])('is no position: %j', (text) => {
    expect(reasonThrownBy(() => parsePosition(text))).toBe(Reason.INVALID_PAGE_TOKEN);
  });

  test.each(['', 'x', '-1', '1.5', '0x10', ' 1', 'Infinity', '9'.repeat(40)])('is no number: %j', (text) => {
    expect(reasonThrownBy(() => parseNumber(text))).toBe(Reason.INVALID_PAGE_TOKEN);
  });
});

describe('applyMask', () => {
  const current = create(IssuerSchema, {
    name: 'issuers/a',
    etag: '1',
    spec: { issuerUrl: 'https://a', gatewayAudiences: ['x'], groupsClaim: 'groups' },
  });
  const update = create(IssuerSchema, { name: 'issuers/b', etag: '2', spec: { issuerUrl: 'https://b' } });
  const apply = (...paths: string[]) =>
    applyMask(IssuerSchema, current, update, create(FieldMaskSchema, { paths }));

  test('writes the fields that it names, and clears those that are not set', () => {
    const merged = apply('spec.issuer_url', 'spec.groups_claim');
    expect(merged.spec).toMatchObject({ issuerUrl: 'https://b', gatewayAudiences: ['x'], groupsClaim: '' });
    expect(merged).toMatchObject({ name: 'issuers/a', etag: '1' });
    expect(current.spec?.issuerUrl).toBe('https://a');
  });

  test.each([['*'], ['spec']])('%s replaces the spec whole', (path) => {
    expect(apply(path).spec).toMatchObject({ issuerUrl: 'https://b', gatewayAudiences: [], groupsClaim: '' });
  });

  test('without a mask, writes what is set', () => {
    const merged = applyMask(IssuerSchema, current, update, undefined);
    expect(merged.spec).toMatchObject({
      issuerUrl: 'https://b',
      gatewayAudiences: ['x'],
      groupsClaim: 'groups',
    });
  });

  test('writes into messages that are absent on either side', () => {
    const bare = create(PolicySchema, { name: 'policies/a', spec: { description: 'old' } });
    const masked = create(PolicySchema, { spec: { mask: { entities: { US_SSN: 1 } } } });
    const set = create(FieldMaskSchema, { paths: ['spec.mask.entities'] });
    const merged = applyMask(PolicySchema, bare, masked, set);
    expect(merged.spec).toMatchObject({ description: 'old', mask: { entities: { US_SSN: 1 } } });
    expect(applyMask(PolicySchema, bare, create(PolicySchema, {}), set).spec?.mask).toBeUndefined();
  });

  test.each([
    'name',
    'etag',
    'spec.nothing',
    'spec.issuer_url.x',
    'spec.gateway_audiences.0',
    '',
    'spec.',
    '__proto__',
  ])('refuses the path "%s"', (path) => {
    try {
      apply(path);
    } catch (error) {
      expect(reasonOf(error)).toBe(Reason.INVALID_UPDATE_MASK);
      expect((error as ConnectError).code).toBe(Code.InvalidArgument);
      return;
    }
    throw new Error('was taken');
  });
});
