import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { ExchangeSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { createTranscript } from '../../../cli/commands/audit/transcript.ts';

test('who speaks stands in one column, whatever they are called', async () => {
  let text = '';
  const transcript = createTranscript({
    format: 'table',
    width: undefined,
    color: false,
    write: async (part) => {
      text += part;
    },
    note: () => {},
  });
  const input = [
    { role: 'user', content: 'one\ntwo' },
    { role: 'tool', content: 'text' },
  ];
  const body = Buffer.from(JSON.stringify({ input }));
  const output = [
    { type: 'function_call', name: 'look_up', arguments: '{}' },
    { type: 'web_search_call', id: 'w' },
  ];
  const show = (event: object) => transcript.show({ event } as never);
  await show({
    case: 'begin',
    value: create(ExchangeSchema, { name: 'exchanges/e', model: 'm', prompt: { body } }),
  });
  await show({ case: 'frame', value: { data: Buffer.from(JSON.stringify({ output })) } });
  await show({ case: 'end', value: create(ExchangeSchema, { name: 'exchanges/e' }) });
  await transcript.close();
  expect(text.split('\n').slice(2, -1)).toEqual([
    'user        one',
    '            two',
    'tool        text',
    'call        look_up {}',
    'web_search_call',
    '            {"type":"web_search_call","id":"w"}',
  ]);
});
