import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Binding, bindingKey } from '../../../control-plane/approval/binding.ts';
import { person } from '../audit/call.ts';

const bytes = fc.uint8Array({ maxLength: 3 });
const texts = fc.string({ maxLength: 3 });
const binding = fc.record({
  issuer: texts,
  subject: texts,
  policy: texts,
  rule: texts,
  requestDigest: bytes,
  policyDigest: bytes,
});

function keyOf({
  issuer,
  subject,
  ...rest
}: Omit<Binding, 'caller'> & { issuer: string; subject: string }): string {
  return bindingKey({ ...rest, caller: { ...person(subject), issuer } });
}

test('two bindings have one key only if they are the same', () => {
  fc.assert(
    fc.property(binding, binding, (one, other) => {
      const isSame = JSON.stringify(one) === JSON.stringify(other);
      expect(keyOf(one) === keyOf(other)).toBe(isSame);
    }),
  );
  const shifted = { policy: '', rule: '', requestDigest: new Uint8Array(), policyDigest: new Uint8Array() };
  expect(keyOf({ issuer: 'ab', subject: 'c', ...shifted })).not.toBe(
    keyOf({ issuer: 'a', subject: 'bc', ...shifted }),
  );
});
