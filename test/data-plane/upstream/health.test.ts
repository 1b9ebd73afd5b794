import { afterEach, expect, test, vi } from 'vitest';
import { UpstreamState } from '#proto/sworn/plane/v1/plane_pb.ts';
import type { UpstreamGrant } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { failureOf, grantOf, type Listening, serveHttp, TestUpstreams, textOf } from './env.ts';

const open: (Listening | TestUpstreams)[] = [];
afterEach(async () => {
  vi.useRealTimers();
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

test('what is no longer in the configuration can be called for a while by those who began with it, then not', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const seen: string[] = [];
  const server = await serveHttp((request, response) => {
    seen.push(request.headers.authorization ?? '');
    response.end('{}');
  });
  const url = `http://127.0.0.1:${server.port}`;
  const made = new TestUpstreams([grantOf('one', url, {}, { credential: 'old-key' })]);
  open.push(server, made);
  const before = made.grants;
  const after = [grantOf('one', url, {}, { credential: 'new-key' })];
  const callWith = async (grants: UpstreamGrant[]) => {
    made.grants = grants;
    await textOf(await made.call());
    return seen.at(-1);
  };
  expect(await callWith(before)).toBe('Bearer old-key');
  made.upstreams.apply(after);
  expect(await callWith(after)).toBe('Bearer new-key');
  expect(await callWith(before)).toBe('Bearer old-key');
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await failureOf(callWith(before))).toMatchObject({
    code: 'upstream_unreachable',
    message: expect.stringContaining('its configuration has changed'),
    untouched: true,
  });
  expect(await callWith(after)).toBe('Bearer new-key');
  expect(seen).toHaveLength(4);

  // What comes back in the meantime stays.
  made.upstreams.apply(before);
  expect(await callWith(before)).toBe('Bearer old-key');
  made.upstreams.apply(after);
  made.upstreams.apply(before);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await callWith(before)).toBe('Bearer old-key');
  // A plane that was revoked has none.
  made.upstreams.apply([]);
  await vi.advanceTimersByTimeAsync(30_000);
  expect(await failureOf(callWith(before))).toMatchObject({ code: 'upstream_unreachable' });
});
