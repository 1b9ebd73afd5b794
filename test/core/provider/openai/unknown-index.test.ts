import { describe, expect, test } from 'vitest';
import { ResponseError } from '#core/provider/openai/answer/response.ts';
import { createMessageMasker } from '#core/provider/openai/stream/messages.ts';
import { createTestMasker } from './masker.ts';

const note = (entry_index: number, delta: string) => ({
  type: 'response.note.delta',
  output_index: 0,
  entry_index,
  delta,
});

describe.each(['responses', 'realtime'] as const)('deltas of an event that is new, of %s,', (api) => {
  const start = () => {
    const messages = createMessageMasker(api, createTestMasker());
    return (...events: object[]) => events.flatMap((event) => messages.push(JSON.stringify(event)));
  };

  test('do not run together where an index changes that is not known', () => {
    const push = start();
    push(note(0, 'SSN 219-0'));
    expect(() => push(note(1, ' beds'))).toThrow(ResponseError);
  });

  test('go on while it stays', () => {
    const out = start()(note(3, 'SSN 219-0'), note(3, '9-9999, '), {
      type: 'response.note.done',
      output_index: 0,
    });
    expect(out.map((text) => JSON.parse(text).delta ?? '').join('')).toBe('SSN [US_SSN], ');
  });
});

test('a text of a session that begins after the end of another one may have other indexes', () => {
  const messages = createMessageMasker('realtime', createTestMasker());
  const end = { type: 'response.note.done', output_index: 0 };
  const said = [note(0, 'one '), end, note(1, 'two ')].flatMap((event) =>
    messages.push(JSON.stringify(event)),
  );
  expect(said).toHaveLength(3);
});
