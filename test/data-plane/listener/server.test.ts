import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { expect, test } from 'vitest';
import { listen } from '../../../data-plane/listener/server.ts';
import { makeCertificate } from '../../env/certificate.ts';

const tls = await makeCertificate();

test.each([
  ['plain', undefined],
  ['TLS', tls],
] as const)('over %s, only a GET that asks for WebSocket is an upgrade', async (_name, secure) => {
  const listener = await listen(
    { host: '127.0.0.1', port: 0, tls: secure },
    (_request, response) => response.end('request'),
    (_request, socket) => socket.end('upgrade'),
  );
  const { port } = listener;
  const send = (method: string, protocol: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const options = { port, host: '127.0.0.1', ca: tls.cert, ALPNProtocols: ['http/1.1'] };
      const socket: Socket = secure === undefined ? connect(port, '127.0.0.1') : connectTls(options);
      let text = '';
      socket.on('data', (piece) => {
        text += piece;
      });
      socket.on('close', () => resolve(/(?:request|upgrade)$/.exec(text)?.[0] ?? text)).on('error', reject);
      const head = `${method} / HTTP/1.1\r\nHost: x\r\nConnection: Upgrade, close\r\nUpgrade: ${protocol}\r\n`;
      socket.write(`${head}${method === 'POST' ? 'Content-Length: 2\r\n\r\nhi' : '\r\n'}`);
    });
  try {
    expect(await send('GET', 'WebSocket')).toBe('upgrade');
    expect(await send('POST', 'websocket')).toBe('request');
    expect(await send('POST', 'h2c')).toBe('request');
    expect(await send('GET', 'h2c, websocket')).toBe('request');
  } finally {
    await listener.close();
  }
});
