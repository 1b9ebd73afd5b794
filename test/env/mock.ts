import type { ServerResponse } from 'node:http';
import { LLMock } from '@copilotkit/aimock';
import type { Behaviour, Provider } from './provider.ts';

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
  return { fixtures, close: async () => fixtures.stop() };
}

/** Passes requests on, and answers back as they come; what breaks on one side breaks on the other. */
function forwardTo(url: string): Behaviour {
  return async ({ method, path, headers, body }, response) => {
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    const init = {
      method,
      headers: { 'content-type': 'application/json', authorization: headers.authorization ?? '' },
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
