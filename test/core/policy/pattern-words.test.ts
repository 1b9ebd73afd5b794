import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inWords } from '#core/policy/pattern-words.ts';

const PROTO = join(import.meta.dirname, '../../../proto/sworn');
const PATTERNS = readdirSync(PROTO, { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.proto'))
  .flatMap((file) => [...readFileSync(join(PROTO, file), 'utf8').matchAll(/pattern: ("(?:[^"\\]|\\.)*")/g)])
  .map(([, literal]) => JSON.parse(literal ?? '') as string);

test('every pattern of the API is said in words', () => {
  expect(PATTERNS.length).toBeGreaterThan(50);
  const faults = [...new Set(PATTERNS)].map((pattern) =>
    inWords(`does not match regex pattern \`${pattern}\``),
  );
  expect(faults.filter((fault) => !fault.startsWith('takes '))).toEqual([]);
});

test.each([
  [
    'does not match regex pattern `^policies/[a-z0-9][a-z0-9-]{0,62}$`',
    'takes a name such as policies/ID, the ID of lower-case letters, digits and hyphens',
  ],
  [
    'does not match regex pattern `^(sessions|exchanges)/.+$`',
    'takes a name such as sessions/ID or exchanges/ID',
  ],
  ['does not match regex pattern `^(https?://[^?#\\s]+)?$`', expect.stringContaining('http or https')],
  ['does not match regex pattern `^\\d$`', 'does not match regex pattern `^\\d$`'],
  ['must be at least 1 characters', 'must be at least 1 characters'],
])('%s', (fault, words) => {
  expect(inWords(fault)).toEqual(words);
});
