import type { ServerResponse } from 'node:http';
import { connect } from 'node:net';
import { LLMock } from '@copilotkit/aimock';
import type { Behaviour, Provider, UpgradeBehaviour } from './provider.ts';

/** A provider that answers from fixtures, behind the scripted one: that still sees every request. */
export interface Mock {
  /** Where fixtures are set; `mock.on(match, answer, { chunkSize })`. */
  readonly fixtures: LLMock;
  close(): Promise<void>;
}

/** Answers of this provider come from fixtures from now on. */
export async function mockProvider(provider: Provider): Promise<Mock> {
  const fixtures = new LLMock({ port: 0, host: '127.0.0.1', chunkSize: 4, logLevel: 'silent' });
  await fixtures.start();
  provider.behave(forwardTo(fixtures.url));
  provider.upgrade(tunnelTo(fixtures.url));
  return { fixtures, close: async () => fixtures.stop() };
}

/** Passes requests on, and answers back as they come; what breaks on one side breaks on the other. */
function forwardTo(url: string): Behaviour {
  return async ({ method, path, headers, body }, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const init = {
      method,
      headers: {
        'content-type': headers['content-type'] ?? 'application/json',
        authorization: headers.authorization ?? '',
      },
      signal: gone.signal,
      ...(body === '' ? {} : { body }),
    };
    try {
      await handOn(await fetch(`${url}${path}`, init), response);
    } catch {
      response.destroy();
    }
  };
}

async function handOn(answer: Response, response: ServerResponse): Promise<void> {
  const { status } = answer;
  const type = answer.headers.get('content-type') ?? 'application/json';
  // At once, whatever the mock advises; tests wait for nothing.
  const retry = status === 429 || status >= 500 ? { 'retry-after-ms': '1' } : {};
  response.writeHead(status, { 'content-type': type, 'x-request-id': 'req_provider', ...retry });
  for await (const chunk of answer.body ?? []) response.write(chunk);
  response.end();
}

/** Passes requests for an upgrade on, and then both directions as they are. */
function tunnelTo(url: string): UpgradeBehaviour {
  const { hostname, port } = new URL(url);
  return ({ method, url: path, rawHeaders }, socket, head) => {
    const mock = connect(Number(port), hostname);
    const lines = rawHeaders.flatMap((name, index) =>
      index % 2 === 0 ? [`${name}: ${rawHeaders[index + 1]}`] : [],
    );
    mock.write(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    mock.write(head);
    mock.pipe(socket).pipe(mock);
    for (const end of [mock, socket]) end.on('error', () => {});
    mock.on('close', () => socket.destroy());
    socket.on('close', () => mock.destroy());
  };
}
