import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { downloadMongod } from '../../../control-plane/storage/embedded/download.ts';
import { makeCertificate } from '../../env/certificate.ts';

const PROGRAM = Buffer.from('#!/bin/sh\necho a program\n');
const BLOCK = 512;

/** A tar archive (POSIX ustar) with one file. */
function tarOf(name: string, content: Buffer): Buffer {
  const header = Buffer.alloc(BLOCK);
  header.write(name, 0);
  header.write('0000755\0', 100);
  header.write(`${content.length.toString(8).padStart(11, '0')}\0`, 124);
  header.write('00000000000\0', 136);
  header.write('        ', 148);
  header.write('0', 156);
  header.write('ustar\x0000', 257);
  const sum = header.reduce((total, byte) => total + byte, 0);
  header.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148);
  const padding = Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK);
  return Buffer.concat([header, content, padding, Buffer.alloc(2 * BLOCK)]);
}

let directory: string;
let mirror: Server;
let asked: string[] = [];
let status = 200;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sworn-mirror-'));
  const tls = await makeCertificate();
  await writeFile(join(directory, 'ca.pem'), tls.cert);
  const archive = gzipSync(tarOf('mongodb/bin/mongod', PROGRAM));
  const md5 = createHash('md5').update(archive).digest('hex');
  mirror = createServer(tls, (request, response) => {
    asked.push(request.url ?? '');
    const body = request.url?.endsWith('.md5') ? Buffer.from(md5) : archive;
    response.writeHead(status, { 'content-length': body.length }).end(body);
  });
  await new Promise<void>((resolve) => mirror.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  mirror.closeAllConnections();
  mirror.close();
  await rm(directory, { recursive: true, force: true });
});

function environment(cache: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    SWORN_CACHE_DIR: join(directory, cache),
    MONGOMS_DOWNLOAD_MIRROR: `https://127.0.0.1:${(mirror.address() as AddressInfo).port}`,
    NODE_EXTRA_CA_CERTS: join(directory, 'ca.pem'),
  };
}

test.runIf(process.platform === 'linux')("MongoDB's own download ends in the cache", async () => {
  const path = await downloadMongod(environment('good'), () => undefined);
  expect(await readFile(path)).toEqual(PROGRAM);
  expect(path.startsWith(join(directory, 'good'))).toBe(true);
});

test.runIf(process.platform === 'linux')('it is tried once, and says why it failed', async () => {
  asked = [];
  status = 503;
  await expect(downloadMongod(environment('bad'), () => undefined)).rejects.toThrow(/503/);
  expect(asked).toHaveLength(1);
});
