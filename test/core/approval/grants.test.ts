import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import { expect, test } from 'vitest';
import { compileGrants } from '#core/approval/grants.ts';
import { type Grant, GrantSchema } from '#proto/sworn/approval/v1/grant_pb.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';

const NOW_MS = 1_000_000;
const ASKING = { policy: 'policies/research', rule: 'ask' };
const ana = create(CallerSchema, { issuer: 'https://id.example', subject: 'ana' });

function grantOf(name: string, endsMs: number | undefined, fields: Partial<Grant> = {}): Grant {
  const expireTime = endsMs === undefined ? {} : { expireTime: timestampFromMs(endsMs) };
  return { ...create(GrantSchema, { name, caller: ana, ...ASKING, ...expireTime }), ...fields };
}

test('counts for its caller and rule alone, until it ends', () => {
  const grants = compileGrants([grantOf('one', NOW_MS + 1)]);
  expect(grants.find(ana, ASKING, NOW_MS)?.name).toBe('one');
  expect(grants.find(ana, ASKING, NOW_MS + 1)).toBeUndefined();
  for (const other of [{ subject: 'ana2' }, { subject: 'Ana' }, { issuer: 'https://id2.example' }]) {
    expect(grants.find({ ...ana, ...other }, ASKING, NOW_MS)).toBeUndefined();
  }
  for (const other of [{ rule: 'ask2' }, { policy: 'policies/researc', rule: 'hask' }]) {
    expect(grants.find(ana, { ...ASKING, ...other }, NOW_MS)).toBeUndefined();
  }
});

test('without an end or a caller it counts for nothing, and of several the longest counts', () => {
  const { caller: _, ...nobodys } = grantOf('nobody', NOW_MS + 9);
  const ended = grantOf('ended', NOW_MS - 1);
  const grants = compileGrants([grantOf('endless', undefined), ended, nobodys as Grant]);
  expect(grants.find(ana, ASKING, NOW_MS)).toBeUndefined();
  const longer = compileGrants([grantOf('long', NOW_MS + 9), ended, grantOf('short', NOW_MS + 3)]);
  expect(longer.find(ana, ASKING, NOW_MS)?.name).toBe('long');
});
