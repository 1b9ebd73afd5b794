// Points the trace exporter of the OpenAI Agents SDK at Sworn. Copy it into your application; it needs @openai/agents.
//
//   import { traceToSworn } from './sworn-tracing.ts';
//   traceToSworn('http://127.0.0.1:8400/v1', currentOidcToken);
import { BatchTraceProcessor, OpenAITracingExporter, setTraceProcessors } from '@openai/agents';

type Items = Parameters<OpenAITracingExporter['export']>[0];

/**
 * Sends all traces of this process to Sworn, and no more to OpenAI's own address. The token is asked for before each
 * export, so that it may be one that is replaced every few minutes.
 *
 * @param baseUrl as the client has it: with `/v1`
 * @param token an OIDC access token, as in the place of the API key
 */
export function traceToSworn(baseUrl: string, token: () => string | Promise<string>): void {
  const endpoint = `${baseUrl.replace(/\/+$/, '')}/traces/ingest`;
  const exporter = {
    export: async (items: Items, signal?: AbortSignal): Promise<void> => {
      const withToken = new OpenAITracingExporter({ endpoint, apiKey: await token() });
      await withToken.export(items.map(withoutKey), signal);
    },
  };
  setTraceProcessors([new BatchTraceProcessor(exporter)]);
}

/** A key that a run has for its traces is OpenAI's: it would go out in the place of the token. */
function withoutKey(item: Items[number]): Items[number] {
  return new Proxy(item, {
    get: (target, name) => {
      if (name === 'tracingApiKey') return undefined;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
}
