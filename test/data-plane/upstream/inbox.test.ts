import { expect, test } from 'vitest';
import { Inbox } from '../../../data-plane/upstream/inbox.ts';

function startInbox(messages: number, bytes: number) {
  const said: string[] = [];
  const source = { pause: () => said.push('pause'), resume: () => said.push('resume') };
  return { inbox: new Inbox<string>(source, { messages, bytes }), said };
}

test('what comes is taken in order, and its end after it', async () => {
  const { inbox } = startInbox(10, 100);
  const first = inbox.take();
  inbox.put('a', 1);
  inbox.put('b', 1);
  inbox.end();
  inbox.put('late', 1);
  expect([await first, await inbox.take(), await inbox.take()]).toEqual(['a', 'b', undefined]);
});

test.each([
  ['messages', 2, 100, 1],
  ['bytes', 100, 2, 1],
])('too many %s hold the sender back until there is room', async (_what, messages, bytes, size) => {
  const { inbox, said } = startInbox(messages, bytes);
  inbox.put('a', size);
  expect(inbox.paused).toBe(false);
  inbox.put('b', size);
  inbox.put('c', size);
  expect(said).toEqual(['pause']);
  await inbox.take();
  expect(said).toEqual(['pause']);
  await inbox.take();
  expect(said).toEqual(['pause', 'resume']);
  inbox.put('d', size);
  inbox.drop();
  expect(said).toEqual(['pause', 'resume', 'pause', 'resume']);
});

test('who waits is told why not to, and loses nothing by it', async () => {
  const { inbox } = startInbox(10, 100);
  const over = new AbortController();
  const waiting = inbox.take(over.signal);
  over.abort('enough');
  await expect(waiting).rejects.toBe('enough');
  inbox.put('a', 1);
  const taken = await inbox.take(over.signal);
  inbox.untake(String(taken), 1);
  inbox.put('b', 1);
  expect(inbox.bytes).toBe(2);
  expect([await inbox.take(), await inbox.take()]).toEqual(['a', 'b']);
  expect(inbox.bytes).toBe(0);
});
