import type { TLSSocket } from 'node:tls';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Authentication } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import type { Tls } from '../../../program/transport.ts';
import { type Authority, createAuthority } from '../../env/authority.ts';
import {
  failureOf,
  grantOf,
  KEY,
  type Listening,
  serveHttp,
  serveProxy,
  TestUpstreams,
  textOf,
} from './env.ts';

let authority: Authority;
let client: Tls;
let strict: Listening;
let open: Listening;
let seen: { headers: NodeJS.Dict<string | string[]>; path: string; client: string }[] = [];
const using: TestUpstreams[] = [];

function upstream(...args: Parameters<typeof grantOf>): TestUpstreams {
  const made = new TestUpstreams([grantOf(...args)]);
  using.push(made);
  return made;
}

beforeAll(async () => {
  authority = await createAuthority('Test Root');
  client = await authority.issueClient('plane-1');
  const server = await authority.issueServer();
  const answer: Parameters<typeof serveHttp>[0] = (request, response) => {
    const peer = (request.socket as TLSSocket).getPeerCertificate?.();
    seen.push({ headers: request.headers, path: request.url ?? '', client: String(peer?.subject?.CN ?? '') });
    response.end('{}');
  };
  open = await serveHttp(answer, { ...server });
  strict = await serveHttp(answer, {
    ...server,
    ca: authority.certificate,
    requestCert: true,
    rejectUnauthorized: true,
  });
});
afterAll(async () => {
  await Promise.all(using.map((made) => made.close()));
  await Promise.all([open, strict].map((server) => server.close()));
});

const url = ({ port }: Listening) => `https://127.0.0.1:${port}/v1`;

describe('TLS', () => {
  test('a server of an authority of its own is trusted by those roots, and not without', async () => {
    const trusting = upstream('private', url(open), { caCertificates: authority.certificate });
    expect((await trusting.call()).status).toBe(200);
    const failure = await failureOf(upstream('private', url(open)).call());
    expect(failure).toMatchObject({ code: 'upstream_unreachable', untouched: true });
    expect(failure.message).toMatch(
      /upstream private cannot be reached: its certificate is of no authority that is trusted \(UNABLE_TO/,
    );
    expect(failure.message).not.toContain(KEY);
  });

  test('roots replace those of the system: another authority is not trusted', async () => {
    const other = await createAuthority('Other Root');
    const failure = await failureOf(
      upstream('other', url(open), { caCertificates: other.certificate }).call(),
    );
    expect(failure).toMatchObject({ code: 'upstream_unreachable' });
  });

  test('a certificate for another host is refused', async () => {
    const elsewhere = await serveHttp((_request, response) => response.end(), {
      ...(await authority.issueServer('elsewhere.example')),
    });
    const failure = await failureOf(
      upstream('wrong', url(elsewhere), { caCertificates: authority.certificate }).call(),
    );
    expect(failure.message).toContain('its certificate is for another host');
    await elsewhere.close();
  });

  test('a client certificate is presented to who asks for one', async () => {
    seen = [];
    const spec = { caCertificates: authority.certificate, clientCertificate: client.cert };
    expect((await upstream('mutual', url(strict), spec, { clientKey: client.key }).call()).status).toBe(200);
    expect(seen.map((entry) => entry.client)).toEqual(['plane-1']);
  });

  test('without it a server of TLS 1.2 cannot be reached; one of TLS 1.3 closes later, and that is not called unsent', async () => {
    seen = [];
    const spec = { caCertificates: authority.certificate };
    const older = await serveHttp((_request, response) => response.end('{}'), {
      ...(await authority.issueServer()),
      ca: authority.certificate,
      requestCert: true,
      maxVersion: 'TLSv1.2',
    });
    expect(await failureOf(upstream('mutual', url(older), spec).call())).toMatchObject({
      code: 'upstream_unreachable',
      untouched: true,
    });
    expect(await failureOf(upstream('mutual', url(strict), spec).call())).toMatchObject({
      code: 'upstream_disconnected',
      untouched: false,
    });
    expect(seen).toEqual([]);
    await older.close();
  });
});

describe('a proxy', () => {
  test('gets a tunnel to the host and no word of the request', async () => {
    const proxy = await serveProxy('user:pass word');
    seen = [];
    const spec = { caCertificates: authority.certificate, proxyUrl: `http://127.0.0.1:${proxy.port}` };
    const made = upstream('proxied', url(open), spec, { proxyCredential: 'user:pass word' });
    expect((await made.call()).status).toBe(200);
    expect(proxy.asked).toEqual([`127.0.0.1:${open.port}`]);
    expect(seen[0]?.headers['proxy-authorization']).toBeUndefined();
    await proxy.close();
  });

  test('that refuses, or is not there, is named as what is wrong', async () => {
    const proxy = await serveProxy('user:right');
    const spec = { caCertificates: authority.certificate, proxyUrl: `http://127.0.0.1:${proxy.port}` };
    const refused = await failureOf(
      upstream('proxied', url(open), spec, { proxyCredential: 'user:wrong' }).call(),
    );
    expect(refused).toMatchObject({ code: 'upstream_unreachable', untouched: true });
    expect(refused.message).toContain('its proxy answered 407');
    expect(refused.message).not.toContain('wrong');
    await proxy.close();
    const gone = await failureOf(upstream('proxied', url(open), spec).call());
    expect(gone.message).toContain('its proxy cannot be used: it refuses connections');
  });

  test('is used for plain HTTP as well, by a tunnel', async () => {
    const plain = await serveHttp((_request, response) => response.end('plain'));
    const proxy = await serveProxy();
    const made = upstream('plain', `http://127.0.0.1:${plain.port}`, {
      proxyUrl: `http://127.0.0.1:${proxy.port}`,
    });
    expect(await textOf(await made.call())).toBe('plain');
    expect(proxy.asked).toEqual([`127.0.0.1:${plain.port}`]);
    await Promise.all([plain.close(), proxy.close()]);
  });
});

describe('what a request carries', () => {
  test('Azure: the v1 path and the api-key header, no bearer', async () => {
    seen = [];
    const spec = { caCertificates: authority.certificate, authentication: Authentication.API_KEY };
    await upstream('azure', `https://127.0.0.1:${open.port}/openai/v1`, spec).call();
    expect(seen[0]).toMatchObject({ path: '/openai/v1/responses', headers: { 'api-key': KEY } });
    expect(seen[0]?.headers['authorization']).toBeUndefined();
  });

  test('organisation, project and fixed headers; none of authentication where none is wanted', async () => {
    seen = [];
    const spec = {
      caCertificates: authority.certificate,
      authentication: Authentication.NONE,
      organization: 'org-1',
      project: 'proj_2',
      headers: [{ name: 'X-Route', value: 'blue' }],
    };
    await upstream('local', url(open), spec, { credential: '' }).call({ accept: 'text/event-stream' });
    expect(seen[0]?.headers).toMatchObject({
      'openai-organization': 'org-1',
      'openai-project': 'proj_2',
      'x-route': 'blue',
      accept: 'text/event-stream',
      'accept-encoding': 'identity',
      'user-agent': 'sworn',
    });
    expect(Object.keys(seen[0]?.headers ?? {})).not.toContain('authorization');
  });

  test('64 MiB go through whole', async () => {
    let length = 0;
    const large = await serveHttp((_request, response, body) => {
      length = body.length;
      response.end('{}');
    });
    const made = upstream('large', `http://127.0.0.1:${large.port}`);
    expect((await made.call({ body: Buffer.alloc(64 * 1024 * 1024, 0x20) })).status).toBe(200);
    expect(length).toBe(64 * 1024 * 1024);
    await large.close();
  });
});
