import { expect, test } from 'vitest';
import { createLogger, describeError } from '../../program/log.ts';

const CANARY = 'zebra-4711';

test('of an error its name, its code and its places are told, and nothing that it says', () => {
  const error = new TypeError(`${CANARY}\n    at ${CANARY} (somewhere.ts:1:1)`, { cause: new Error(CANARY) });
  const described = describeError(Object.assign(error, { code: 'ERR_INVALID', body: CANARY }));
  expect(described).toMatchObject({ error: 'TypeError', code: 'ERR_INVALID' });
  expect(described.at?.[0]).toMatch(/^at .*log\.test\.ts:\d+:\d+/);
  expect(JSON.stringify(described)).not.toContain(CANARY);
});

test('a name, a code or a message that was put there later gives nothing away', () => {
  const error = Object.assign(new Error('first'), { name: `${CANARY} Error`, code: CANARY });
  // Written by now, with the message of before.
  expect(error.stack).toContain('first');
  error.message = `${CANARY} of later`;
  expect(JSON.stringify(describeError(error))).not.toContain(CANARY);
  expect(describeError(error)).toEqual({ error: 'Error', at: [] });
  expect(describeError(CANARY)).toEqual({ error: 'string' });
});

test('each line says which program wrote it', () => {
  expect(createLogger('sworn-test', 'silent').bindings()).toEqual({ name: 'sworn-test' });
});
