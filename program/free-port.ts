import { createServer } from 'node:net';

const HOST = '127.0.0.1';
/**
 * Below the ports that systems give to connections by themselves: 49152 and above by RFC 6335 section 6, 32768 on Linux. A
 * program that starts again finds its port free.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_767;
const ATTEMPTS = 20;

/** The preferred loopback port when it is free, otherwise any free one. */
export async function freePort(preferred = 0): Promise<number> {
  if (preferred !== 0 && (await canListen(preferred))) return preferred;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST_PORT + Math.floor(Math.random() * (LAST_PORT - FIRST_PORT + 1));
    if (await canListen(port)) return port;
  }
  throw new Error(`no port of ${HOST} from ${FIRST_PORT} to ${LAST_PORT} is free`);
}

function canListen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, HOST, () => server.close(() => resolve(true)));
  });
}
