import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { Authentication } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import {
  type CreateUpstreamRequest,
  type UpdateUpstreamRequest,
  UpstreamService,
} from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { configure, createJoinToken } from '../../../cli/commands/dev/configure.ts';
import { planeDirectory } from '../../../cli/commands/dev/settings.ts';
import { Code, refusal, startControlPlane, type TestControlPlane } from '../env/control-plane.ts';

let controlPlane: TestControlPlane;
let directory: string;
let created: CreateUpstreamRequest | undefined;
let updated: UpdateUpstreamRequest | undefined;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'sworn-configure-'));
  controlPlane = await startControlPlane((router) => {
    router.service(PlaneService, { createJoinToken: () => ({ joinToken: 'fresh' }) });
    router.service(UpstreamService, {
      createUpstream: (request) => {
        if (created !== undefined) throw refusal(Code.AlreadyExists, Reason.ALREADY_EXISTS, 'it is there');
        created = request;
        return {};
      },
      updateUpstream: (request) => {
        updated = request;
        return {};
      },
    });
  });
});
afterAll(async () => {
  await controlPlane.close();
  await rm(directory, { recursive: true });
});

test('a plane that was ended before it had joined gets a join token again, one that has joined none', async () => {
  const ask = () => createJoinToken(controlPlane.url, async () => 'token', directory);
  const state = planeDirectory(directory);
  const keep = (identity: object) => writeFile(join(state, 'identity.json'), JSON.stringify(identity));
  await mkdir(state);
  expect(await ask()).toBe('fresh');
  await keep({ privateKey: 'key' });
  expect(await ask()).toBe('fresh');
  await keep({ privateKey: 'key', name: 'planes/dev', snapshotKey: 'key' });
  expect(await ask()).toBeUndefined();
});

test('a provider with a key is one by key, a server without keys is asked without', async () => {
  const baseUrl = 'http://127.0.0.1:11434/v1';
  const set = (credential: string) =>
    configure(controlPlane.url, async () => 'token', { upstream: { baseUrl, credential }, policies: [] });
  await set('');
  const without = { spec: { baseUrl, authentication: Authentication.NONE } };
  expect(created).toMatchObject({ upstream: without, credential: '' });
  await set('sk-1');
  const byKey = { spec: { baseUrl, authentication: Authentication.UNSPECIFIED } };
  expect(updated).toMatchObject({ upstream: byKey, credential: 'sk-1' });
  await set('');
  expect(updated).toMatchObject({ upstream: without, credential: '' });
});
