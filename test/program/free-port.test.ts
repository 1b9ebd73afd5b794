import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { freePort } from '../../program/free-port.ts';

/** Where Linux takes the ports of connections from, by default. */
const EPHEMERAL = 32_768;

test('a port that is free is the one that was wanted, one that is taken another', async () => {
  const port = await freePort();
  expect(port).toBeGreaterThanOrEqual(1_024);
  expect(port).toBeLessThan(EPHEMERAL);
  expect(await freePort(port)).toBe(port);
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const other = await freePort(port);
  expect(other).not.toBe(port);
  expect(other).toBeLessThan(EPHEMERAL);
  await new Promise((resolve) => server.close(resolve));
});

test('ports that were given are not given again soon: who asked listens on them a while later', async () => {
  const ports = new Set<number>();
  for (let count = 0; count < 500; count++) ports.add(await freePort());
  expect(ports.size).toBe(500);
});
