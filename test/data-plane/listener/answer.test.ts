import { once } from 'node:events';
import { createServer, get } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { expect, test } from 'vitest';
import { Answer } from '../../../data-plane/listener/answer.ts';

const HEADERS = { 'content-type': 'application/json' };

test('a caller who does not read an answer is cut off; one who does gets it whole', async () => {
  const server = createServer((request, response) => {
    const answer = new Answer('id', performance.now(), response, () => {});
    answer.prepareWhole(200, HEADERS, Buffer.alloc(request.url === '/large' ? 32 * 1024 * 1024 : 10));
    answer.finish(300);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const client = connect(port, '127.0.0.1');
  client.on('error', () => {}).pause();
  const [socket] = await once(server, 'connection');
  client.write('GET /large HTTP/1.1\r\nHost: x\r\n\r\n');
  await once(socket, 'close');
  client.destroy();

  const [response] = await once(get(`http://127.0.0.1:${port}/small`), 'response');
  const body = await response.toArray();
  expect(Buffer.concat(body)).toHaveLength(10);
  server.closeAllConnections();
  server.close();
});

test('a piece that cannot be written down is not handed on', async () => {
  const kept: string[] = [];
  const server = createServer((_request, response) => {
    const answer = new Answer('id', performance.now(), response, ({ data }, contentType) => {
      if (kept.length === 1) throw new Error('the disk is full');
      kept.push(`${contentType.split(';')[0]} ${Buffer.from(data)}`);
    });
    answer.beginStream();
    answer.write(Buffer.from('first'));
    expect(() => answer.write(Buffer.from('second'))).toThrow('the disk is full');
    expect(answer.frames.map(({ data }) => Buffer.from(data).toString())).toEqual(['first']);
    answer.prepareEnd(Buffer.from('|end'));
    answer.finish();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const [response] = await once(get(`http://127.0.0.1:${port}/`), 'response');
  expect(Buffer.concat(await response.toArray()).toString()).toBe('first|end');
  expect(kept).toEqual(['text/event-stream first']);
  server.closeAllConnections();
  server.close();
});
