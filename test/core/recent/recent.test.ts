import fc from 'fast-check';
import { expect, test } from 'vitest';
import { Recent } from '#core/recent/recent.ts';

const key = fc.constantFrom('a', 'b', 'c', 'd');
const step = fc.oneof(
  fc.record({ what: fc.constant('put' as const), key, value: fc.nat(9) }),
  fc.record({ what: fc.constantFrom('get' as const, 'delete' as const), key }),
  fc.record({ what: fc.constantFrom('takeOldest' as const, 'clear' as const) }),
);

test('it is a map whose first key was put longest ago', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const recent = new Recent<number>();
      const map = new Map<string, number>();
      for (const one of steps) {
        switch (one.what) {
          case 'put':
            recent.put(one.key, one.value);
            map.delete(one.key);
            map.set(one.key, one.value);
            break;
          case 'get':
            expect(recent.get(one.key)).toBe(map.get(one.key));
            break;
          case 'delete':
            recent.delete(one.key);
            map.delete(one.key);
            break;
          case 'takeOldest': {
            const [first] = map;
            expect(recent.takeOldest()).toBe(first?.[1]);
            if (first !== undefined) map.delete(first[0]);
            break;
          }
          case 'clear':
            recent.clear();
            map.clear();
        }
        expect(recent.size).toBe(map.size);
      }
      for (const value of map.values()) expect(recent.takeOldest()).toBe(value);
      expect(recent.takeOldest()).toBeUndefined();
    }),
  );
});
