import { create, fromBinary, type Message, type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { WireType } from '@bufbuild/protobuf/wire';
import { expect, test } from 'vitest';
import { RevocationSchema } from '#proto/sworn/identity/v1/revocation_pb.ts';
import { ForgottenSessionSchema, SnapshotSchema } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { understand } from '../../../data-plane/control/understood.ts';

const STAFF = 'https://id.example.org';
const PARTNERS = 'https://partners.example.org';
const ISSUERS = [STAFF, PARTNERS].map((issuerUrl) => ({
  name: `issuers/${new URL(issuerUrl).hostname.split('.')[0]}`,
  spec: { issuerUrl },
}));

/** With a field of a newer version. */
function newer<T extends Message>(message: T): T {
  message.$unknown = [{ no: 9_999, wireType: WireType.Varint, data: Uint8Array.of(1) }];
  return message;
}

/** As it comes to a plane. */
const understood = (snapshot: MessageInitShape<typeof SnapshotSchema>) =>
  understand(
    fromBinary(
      SnapshotSchema,
      toBinary(SnapshotSchema, create(SnapshotSchema, { issuers: ISSUERS, ...snapshot })),
    ),
  );

test.each([
  ['whom it names', { email: 'ana@example.org' }, [STAFF, PARTNERS]],
  ['all of its issuer, where it names nobody', { issuer: STAFF }, [PARTNERS]],
  ['all, where it has no issuer either', {}, []],
])('a revocation with a field of a newer version concerns %s, and is told of', (_whom, target, trusted) => {
  const revocation = create(RevocationSchema, { name: 'revocations/a', target });
  if (revocation.target !== undefined) newer(revocation.target);
  const { issuers, gaps } = understood({ revocations: [revocation] });
  expect(issuers.map(({ spec }) => spec?.issuerUrl)).toEqual(trusted);
  expect(gaps).toEqual(['revocations/a']);
});

test('where a forgotten session has a field of a newer version, all sessions of then are forgotten', () => {
  const session = (id: string, revision: bigint) =>
    create(ForgottenSessionSchema, { session: `sessions/${id}`, revision });
  const forgottenSessions = [session('a', 9n), newer(session('b', 7n)), session('c', 8n)];
  const { forgottenSince, gaps } = understood({ forgottenSessions, forgottenSince: 3n });
  expect(forgottenSince).toBe(7n);
  expect(gaps).toEqual(['sessions/b']);
});

test('what this version knows all of changes nothing', () => {
  const { issuers, forgottenSince, gaps } = understood({
    revocations: [{ name: 'revocations/a', target: { issuer: STAFF, subject: 'ana' } }],
    forgottenSessions: [{ session: 'sessions/a', revision: 9n }],
    forgottenSince: 3n,
  });
  expect([issuers.length, forgottenSince, gaps]).toEqual([2, 3n, []]);
});
