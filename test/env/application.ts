import { OpenAIProvider, Runner } from '@openai/agents';
import type OpenAI from 'openai';
import type { Env } from './env.ts';

/** An application on the OpenAI Agents SDK, and what it saw of Sworn. */
export interface Application {
  readonly runner: Runner;
  readonly client: OpenAI;
  /** The exchanges so far, oldest first, by the ids that it was told. */
  readonly exchanges: string[];
  /** Every answer's body so far, byte for byte, one after the other. */
  wire(): Promise<string>;
}

/** The APIs that the Agents SDK can speak. */
export type Api = 'responses' | 'chat';

/** An application of this user; each attempt is one exchange. */
export function createApplication(
  env: Env,
  options: { readonly api?: Api; readonly maxRetries?: number; readonly user?: string } = {},
): Application {
  const exchanges: string[] = [];
  const bodies: Promise<string>[] = [];
  const client = env.openai(options.user, { maxRetries: options.maxRetries ?? 0 }).withOptions({
    fetch: async (url, init) => {
      const response = await fetch(url, init);
      exchanges.push(response.headers.get('x-request-id') ?? '');
      // The SDK aborts a stream at an error event.
      bodies.push(
        response
          .clone()
          .text()
          .catch(() => ''),
      );
      return response;
    },
  });
  const modelProvider = new OpenAIProvider({ openAIClient: client, useResponses: options.api !== 'chat' });
  return {
    runner: new Runner({ modelProvider, tracingDisabled: true }),
    client,
    exchanges,
    wire: async () => (await Promise.all(bodies)).join('\n'),
  };
}
