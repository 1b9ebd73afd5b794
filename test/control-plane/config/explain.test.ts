import { MongoServerError } from 'mongodb';
import { expect, test } from 'vitest';
import { explain } from '../../../control-plane/explain.ts';

test.each([
  [13, 'it needs readWrite and dbAdmin'],
  [18, 'refuses the user or password'],
  [20, 'MongoServerError (20)'],
])('what MongoDB refuses with code %i is told without its words', (code, told) => {
  const errmsg = 'not authorized on sworn to execute command { collMod: "alarms" }';
  const text = explain(new MongoServerError({ ok: 0, code, errmsg }));
  expect(text).toContain(told);
  expect(text).not.toContain('collMod');
});
