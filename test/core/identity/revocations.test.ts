import { create } from '@bufbuild/protobuf';
import { timestampFromMs } from '@bufbuild/protobuf/wkt';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileRevocations } from '#core/identity/revocations.ts';
import { CallerSchema } from '#proto/sworn/identity/v1/caller_pb.ts';
import { type Revocation, RevocationSchema } from '#proto/sworn/identity/v1/revocation_pb.ts';

const NOW_MS = 1_000_000;
const FIELDS = ['issuer', 'subject', 'email', 'client', 'tokenId', 'session'] as const;
/** Few values, so that many of them meet. */
const few = fc.constantFrom('', 'a', 'B');
const fields = fc.record({ issuer: few, subject: few, email: few, client: few, tokenId: few, session: few });
const ends = fc.option(fc.constantFrom(NOW_MS - 1, NOW_MS, NOW_MS + 1), { nil: undefined });

function revocationOf(name: string, target: Record<string, string>, expiresMs?: number): Revocation {
  return create(RevocationSchema, {
    name,
    target,
    ...(expiresMs === undefined ? {} : { expireTime: timestampFromMs(expiresMs) }),
  });
}

test('finds one if and only if one in force names nothing that the bearer is not', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fields, ends), { maxLength: 6 }),
      fields,
      (given, { session, ...identity }) => {
        const revocations = given.map(([target, expiresMs], i) => revocationOf(`${i}`, target, expiresMs));
        const bearer = { caller: create(CallerSchema, identity), session };
        const values: Record<string, string> = { ...identity, session };
        const concerned = given.flatMap(([target, expiresMs], i) => {
          const ended = expiresMs !== undefined && expiresMs <= NOW_MS;
          const names = FIELDS.filter((field) => target[field] !== '');
          const same = names.every((field) =>
            field === 'email'
              ? target[field].toLowerCase() === values[field]?.toLowerCase()
              : target[field] === values[field],
          );
          return !ended && same && names.some((field) => field !== 'issuer') ? [`${i}`] : [];
        });
        const found = compileRevocations(revocations).find(bearer, NOW_MS);
        if (concerned.length === 0) expect(found).toBeUndefined();
        else expect(concerned).toContain(found?.name);
      },
    ),
    { numRuns: 2_000 },
  );
});

test('an e-mail is the same in any case, and whoever is not known yet is nobody', () => {
  const revocations = compileRevocations([revocationOf('one', { email: 'Ana@Example.org' })]);
  const caller = create(CallerSchema, { email: 'ANA@example.ORG' });
  expect(revocations.find({ caller }, NOW_MS)?.name).toBe('one');
  expect(revocations.find({ caller: undefined }, NOW_MS)).toBeUndefined();
});
