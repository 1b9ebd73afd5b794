// A fixed fast provider for benchmarks: answers at once, whole or as a stream. Prints its port.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const DELTAS = 20;
// Invented data: no real person's.
const TEXT =
  'Patient: Maria Beispiel, MRN 00482913, seen for cough. Lungs clear, no fever, plan: fluids and rest. ';

const usage = { input_tokens: 250, output_tokens: 60, total_tokens: 310 };
const message = (text: string) => ({
  id: 'msg_1',
  type: 'message',
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [] }],
});
const response = (output: unknown[], status: string) => ({
  id: 'resp_1',
  object: 'response',
  status,
  output,
  usage,
});

const whole = Buffer.from(JSON.stringify(response([message(TEXT.repeat(2))], 'completed')));
const event = (data: { type: string }) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;
const place = { item_id: 'msg_1', output_index: 0, content_index: 0 };
const first = Buffer.from(
  event({ type: 'response.created', response: response([], 'in_progress') } as never),
);
const deltas = Array.from({ length: DELTAS }, (_, index) => {
  const delta = TEXT.slice((index * TEXT.length) / DELTAS, ((index + 1) * TEXT.length) / DELTAS);
  return Buffer.from(
    event({ type: 'response.output_text.delta', ...place, delta, sequence_number: index + 1 } as never),
  );
});
const last = Buffer.from(
  event({ type: 'response.output_text.done', ...place, text: TEXT, sequence_number: 21 } as never) +
    event({
      type: 'response.output_item.done',
      output_index: 0,
      item: message(TEXT),
      sequence_number: 22,
    } as never) +
    event({
      type: 'response.completed',
      response: response([message(TEXT)], 'completed'),
      sequence_number: 23,
    } as never),
);

const server = createServer({ noDelay: true }, (request, answer) => {
  let body = '';
  request.setEncoding('utf8').on('data', (text) => {
    body += text;
  });
  request.on('end', () => {
    if (!body.includes('"stream":true')) {
      answer
        .writeHead(200, { 'content-type': 'application/json', 'content-length': whole.length })
        .end(whole);
      return;
    }
    answer.writeHead(200, { 'content-type': 'text/event-stream' });
    answer.write(first);
    for (const delta of deltas) answer.write(delta);
    answer.end(last);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`${(server.address() as AddressInfo).port}\n`);
});
