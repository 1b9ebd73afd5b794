import { expect, test } from 'vitest';
import { readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import { readContent } from '../../../data-plane/inspect/read.ts';
import { FORM_TYPE, field, file, formOf } from '../../core/provider/openai/form/form.ts';

const FILES = readTarget('POST', '/files') as Target;
const RESPONSES = readTarget('POST', '/responses') as Target;
const line = (id: number, model: unknown = 'm') =>
  JSON.stringify({
    custom_id: `${id}`,
    method: 'POST',
    url: '/v1/responses',
    body: { model, input: `${id}` },
  });
const batchOf = (lines: readonly string[]) =>
  formOf([field('purpose'), 'batch'], [file('file', 'b.jsonl'), lines.join('\n')]);

/** What `reading` comes to, and how many turns others had meanwhile. */
async function watch<T>(reading: Promise<T>): Promise<{ readonly result: T; readonly turns: number }> {
  let turns = 0;
  let isOver = false;
  const count = () => {
    turns += 1;
    if (!isOver) setImmediate(count);
  };
  setImmediate(count);
  const result = await reading.finally(() => {
    isOver = true;
  });
  return { result, turns };
}

test('a large batch is read as a whole, while others have their turn', async () => {
  const lines = Array.from({ length: 5_000 }, (_, id) => line(id));
  const { result, turns } = await watch(readContent(FILES, batchOf(lines), FORM_TYPE));
  expect(result).toEqual(readRequest(FILES, batchOf(lines), FORM_TYPE));
  expect(result.lines).toHaveLength(5_000);
  expect(turns).toBeGreaterThan(40);
});

test('a fault in the last line of a batch is found, whoever had their turn before', async () => {
  const lines = [...Array.from({ length: 1_000 }, (_, id) => line(id)), line(1_000, 7)];
  const reading = readContent(FILES, batchOf(lines), FORM_TYPE);
  await expect(reading).rejects.toMatchObject({
    code: 'invalid_request',
    message: 'Line 1001 of the batch names a model that is no text.',
    param: 'file[1001]',
  });
});

test('a large JSON body is read as a whole, while others have their turn; a small one at once', async () => {
  const bodyOf = (count: number) => {
    const input = Array.from({ length: count }, (_, id) => ({
      role: 'user',
      content: `${id} ${'x'.repeat(80)}`,
    }));
    return Buffer.from(JSON.stringify({ model: 'm', input }));
  };
  const large = await watch(readContent(RESPONSES, bodyOf(20_000)));
  expect(large.result).toEqual(readRequest(RESPONSES, bodyOf(20_000)));
  expect(large.turns).toBeGreaterThan(1);
  expect((await watch(readContent(RESPONSES, bodyOf(10)))).turns).toBe(0);
});
