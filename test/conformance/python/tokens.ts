import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Stack } from '../../../cli/commands/dev/stack.ts';

const LIFETIME_S = 300;
/** Beyond the lifetime and what clocks may differ by. */
const LONG_AGO_MS = 3_600_000;

/** Hands out fresh tokens of the development stack, as an application's own identity provider would. */
export async function serveTokens(stack: Stack): Promise<{ readonly url: string; close(): Promise<void> }> {
  const server = createServer(async (request, response) => {
    const { searchParams } = new URL(request.url ?? '/', 'http://tokens');
    const audience = searchParams.get('audience');
    const wish = { user: 'clinician', lifetimeS: LIFETIME_S, ...(audience === null ? {} : { audience }) };
    const make = () => stack.token(wish);
    const token = await (searchParams.has('expired') ? longAgo(make) : make()).catch(() => undefined);
    response.writeHead(token === undefined ? 500 : 200).end(token);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}/`,
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** The identity provider is in this process: it makes one token as of an hour ago. */
async function longAgo(make: () => Promise<string>): Promise<string> {
  const now = Date.now;
  Date.now = () => now() - LONG_AGO_MS;
  try {
    return await make();
  } finally {
    Date.now = now;
  }
}
