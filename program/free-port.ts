import { createServer } from 'node:net';

const HOST = '127.0.0.1';
/**
 * Below the ports that systems give to connections by themselves: 49152 and above by RFC 6335 section 6, 32768 on Linux. A
 * program that starts again finds its port free.
 */
const FIRST_PORT = 20_000;
const LAST_PORT = 32_767;
const PORTS = LAST_PORT - FIRST_PORT + 1;
const ATTEMPTS = 20;
/** From one process to the next: the port that is found is listened on a while later, and others look meanwhile. */
const STRIDE = 61;

/** Where it is looked next: none is given twice before all were. */
let next = process.pid * STRIDE;

/** The preferred loopback port when it is free, otherwise any free one. */
export async function freePort(preferred = 0): Promise<number> {
  if (preferred !== 0 && (await canListen(preferred))) return preferred;
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const port = FIRST_PORT + (next++ % PORTS);
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
