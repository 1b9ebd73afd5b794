import { create } from '@bufbuild/protobuf';
import { describe, expect, test } from 'vitest';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { readCaller, readClaim } from '../../oidc/claims.ts';

const caller = readCaller(
  {
    sub: 'u-1',
    department: 'cardiology',
    levels: [6, '7', true],
    hr: { status: ['active'], odd: { deep: 1 } },
    'hr.status.exact': 'dotted',
    none: null,
    odd: [{ a: 1 }],
    long: 'a'.repeat(2_049),
    many: Array.from({ length: 1_001 }, (_, i) => i),
    ['__proto__']: 'x',
  },
  { groupsClaim: '', groupNames: {}, serviceClients: [] },
  { key: undefined, certificate: undefined },
);

describe('what a token says under a name', () => {
  test.each<[string, string[] | undefined]>([
    ['department', ['cardiology']],
    ['levels', ['6', '7', 'true']],
    ['hr.status', ['active']],
    ['hr.odd.deep', ['1']],
    ['hr.status.exact', ['dotted']],
    ['absent', []],
    ['none', []],
    ['constructor', []],
    ['hr.status.length.x', []],
    // What cannot be told must not count as absent.
    ['hr', undefined],
    ['odd', undefined],
    ['long', undefined],
    ['many', undefined],
  ])('%s', (name, values) => {
    expect(readClaim(caller, name)).toEqual(values);
  });

  test('nothing of a caller who came without a token', () => {
    expect(readClaim(create(CallerSchema, { subject: 'u-1' }), 'department')).toEqual([]);
  });
});
