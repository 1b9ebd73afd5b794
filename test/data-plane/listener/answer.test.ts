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
