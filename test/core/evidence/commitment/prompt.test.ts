import { expect, test } from 'vitest';
import { commit } from '#core/evidence/commitment/commit.ts';
import { verifyPrompt } from '#core/evidence/commitment/prompt.ts';

const KEY = new Uint8Array(32).fill(1);
const NONE = new Uint8Array();
const bytes = (text: string) => new TextEncoder().encode(text);
const BODY = bytes('Maria');
const SENT = bytes('[PERSON_bcdfghjk]');
const promptCommitment = commit(KEY, 'prompt', BODY);
const sentCommitment = commit(KEY, 'sent', SENT);

test('a record commits to the prompt, and to what went to the provider where that is another', () => {
  expect(() =>
    verifyPrompt({ promptCommitment, sentCommitment: NONE }, KEY, { body: BODY, sent: NONE }),
  ).not.toThrow();
  expect(() =>
    verifyPrompt({ promptCommitment, sentCommitment }, KEY, { body: BODY, sent: SENT }),
  ).not.toThrow();
});

test.each([
  ['another prompt', { promptCommitment, sentCommitment }, { body: SENT, sent: SENT }],
  ['other bytes sent', { promptCommitment, sentCommitment }, { body: BODY, sent: BODY }],
  ['none sent', { promptCommitment, sentCommitment }, { body: BODY, sent: NONE }],
  [
    'bytes sent that nothing commits to',
    { promptCommitment, sentCommitment: NONE },
    { body: BODY, sent: SENT },
  ],
  [
    'the prompt for what was sent',
    { promptCommitment, sentCommitment: promptCommitment },
    { body: BODY, sent: BODY },
  ],
])('%s is refused', (_, record, prompt) => {
  expect(() => verifyPrompt(record, KEY, prompt)).toThrow();
});
