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

/** Passes requests on, and answers back as they come. */
function forwardTo(url: string): Behaviour {
  return async ({ method, path, headers, body }, response) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { 'content-type': 'application/json', authorization: headers.authorization ?? '' },
      body,
    });
    const { status } = answer;
    const type = answer.headers.get('content-type') ?? 'application/json';
    // At once, whatever the mock advises; tests wait for nothing.
    const retry = status === 429 ? { 'retry-after-ms': '1' } : {};
    response.writeHead(status, { 'content-type': type, 'x-request-id': 'req_provider', ...retry });
    for await (const chunk of answer.body ?? []) response.write(chunk);
    response.end();
  };
}
