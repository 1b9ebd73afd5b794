import { afterEach, expect, test } from 'vitest';
import { UpstreamState } from '#proto/sworn/plane/v1/plane_pb.ts';
import { grantOf, type Listening, serveHttp, TestUpstreams, textOf } from './env.ts';

const open: (Listening | TestUpstreams)[] = [];
afterEach(async () => {
  await Promise.all(open.splice(0).map((one) => one.close()));
});

test('a plane finds out by itself what it can reach, without a request, and says so of those that are for it', async () => {
  let requests = 0;
  const there = await serveHttp((_request, response) => {
    requests += 1;
    response.end('{}');
  });
  const gone = await serveHttp(() => {});
  await gone.close();
  const url = ({ port }: Listening) => `http://127.0.0.1:${port}`;
  const made = new TestUpstreams(
    [
      grantOf('there', url(there), { regions: ['eu-*'] }),
      grantOf('gone', url(gone)),
      grantOf('elsewhere', url(there), { regions: ['us-*'] }),
      grantOf('broken', 'https://127.0.0.1:1', { clientCertificate: 'x' }, { clientKey: 'y' }),
    ],
    { region: 'eu-1' },
  );
  open.push(there, made);
  const report = () =>
    made.upstreams.report(made.grants).map(({ upstream, state, fault }) => [upstream, state, fault]);
  expect(report()[0]).toEqual(['upstreams/there', UpstreamState.UNSPECIFIED, '']);
  await expect.poll(report).toEqual([
    ['upstreams/there', UpstreamState.REACHED, ''],
    ['upstreams/gone', UpstreamState.FAILS, expect.stringContaining('it refuses connections')],
    ['upstreams/broken', UpstreamState.FAILS, expect.stringContaining('its certificates cannot be used')],
  ]);
  expect(requests).toBe(0);
  await textOf(await made.call());
  expect(report()[0]).toEqual(['upstreams/there', UpstreamState.ANSWERS, '']);
});

test('what is no longer in the configuration is not called with what it was', async () => {
  const seen: string[] = [];
  const server = await serveHttp((request, response) => {
    seen.push(request.headers.authorization ?? '');
    response.end('{}');
  });
  const url = `http://127.0.0.1:${server.port}`;
  const made = new TestUpstreams([grantOf('one', url, {}, { credential: 'old-key' })]);
  open.push(server, made);
  await textOf(await made.call());
  made.grants.splice(0, 1);
  const next = [grantOf('one', url, {}, { credential: 'new-key' })];
  const plan = made.upstreams.plan(next, { allowed: ['one'], model: '' }, { bound: false, ids: [] });
  const request = { method: 'GET', path: '/models', body: null, accept: 'application/json' } as const;
  const { signal } = new AbortController();
  await textOf(await made.upstreams.call(next, plan, signal, () => ({ ...request, signal })));
  expect(seen).toEqual(['Bearer old-key', 'Bearer new-key']);
});
