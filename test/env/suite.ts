import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { cacheDirectory } from '../../program/cache-directory.ts';
import { openToLook, startOwn, type TestMongo } from './mongo.ts';

/** What all files of a run share; vitest calls it before the first worker starts, which has the environment of this process. */
export function setup(): Promise<() => Promise<void>> {
  // To compile a program takes as long as to run it. What was compiled for one start serves the next.
  process.env['NODE_COMPILE_CACHE'] ??= join(cacheDirectory(process.env), 'compiled');
  return shareMongo();
}

/**
 * One MongoDB: what most files need is a database of their own, and a mongod takes a second to end. It is started when the
 * first test asks at SWORN_TEST_MONGO for its connection string: a run of tests without any has none.
 */
async function shareMongo(): Promise<() => Promise<void>> {
  let mongo: Promise<TestMongo> | undefined;
  const server = createServer((_, response) => {
    mongo ??= startOwn();
    mongo.then(
      ({ uri }) => response.end(uri),
      (error: unknown) => response.writeHead(500).end(`${error}`),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  process.env['SWORN_TEST_MONGO'] = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return async () => {
    server.closeAllConnections();
    server.close();
    // A start that failed was told to whoever asked for it.
    await mongo?.then(end, () => undefined);
  };
}

/** Ends it at once: a proper end would write all that it has, for seconds, and then it is removed. */
async function end(mongo: TestMongo): Promise<void> {
  const { client } = await openToLook(mongo.uri, 'admin');
  const { pid } = await client.db('admin').command({ serverStatus: 1 });
  await client.close();
  process.kill(Number(pid), 'SIGKILL');
  await mongo.close();
}
