import { pino } from 'pino';
import { expect, test } from 'vitest';
import { type Alteration, createAlterations } from '../../../control-plane/storage/sealing/altered.ts';

const MAX_TOLD = 1_000;

test('of more alterations than are told of one by one that is told, once, until some are mended', () => {
  const alterations = createAlterations(pino({ level: 'silent' }));
  const told: Alteration[] = [];
  alterations.onFound((alteration) => told.push(alteration));
  const report = (at: number) => alterations.report({ resource: `policies/${at}`, detail: 'altered' }, 'a');
  for (let round = 0; round < 2; round++) {
    for (let at = 0; at < MAX_TOLD + 200; at++) report(at);
    expect(told).toHaveLength(MAX_TOLD + 1);
  }
  expect(told.at(-1)).toEqual({
    resource: `policies/${MAX_TOLD}`,
    detail: expect.stringContaining(`so it is with ${MAX_TOLD} others`),
  });
  alterations.forget('policies/0');
  for (let at = MAX_TOLD; at < MAX_TOLD + 200; at++) report(at);
  expect(told.slice(MAX_TOLD + 1).map(({ resource }) => resource)).toEqual([
    `policies/${MAX_TOLD}`,
    `policies/${MAX_TOLD + 1}`,
  ]);
});
