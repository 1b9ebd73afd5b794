import { once } from 'node:events';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import type { Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { required } from '../../connect/required.ts';
import { CommandFailure } from '../../failure.ts';
import type { Invocation } from '../../invocation.ts';
import { shortName } from '../../output/names.ts';
import { printStreamed } from '../../output/output.ts';
import { sanitiseLine } from '../../output/sanitise.ts';
import { serveReplay } from '../../replay/serve.ts';

/** How a replay is served. */
export interface ServeOptions {
  /** 0 takes a free one. */
  readonly port: number;
  readonly speed: number;
}

/** Exchanges of a session that are held in memory at most. */
const MAX_EXCHANGES = 1_000;

/**
 * Serves what `sessions/{id}` or `exchanges/{id}` were answered, until Ctrl-C.
 * Throws ConnectError NOT_FOUND, and a CommandFailure when there is too much of it.
 */
export async function serve(invocation: Invocation, name: string, options: ServeOptions): Promise<void> {
  const { output, signal } = invocation;
  const exchanges = await load(invocation, name);
  const writing: Promise<void>[] = [];
  const replay = await serveReplay(exchanges, {
    ...options,
    onAnswer: (request, exchange) => {
      const answer = exchange === undefined ? 'nothing that is recorded' : shortName(exchange.name);
      if (output.format === 'table') writing.push(output.write(`${sanitiseLine(`${request}  ${answer}`)}\n`));
    },
  });
  const { baseUrl } = replay;
  try {
    if (output.format !== 'table') await printStreamed(output, { baseUrl });
    else await output.write(`OPENAI_BASE_URL=${baseUrl}\n`);
    if (!signal.aborted) await once(signal, 'abort');
  } finally {
    await replay.close();
    await Promise.all(writing);
  }
}

async function load({ client }: Invocation, name: string): Promise<Exchange[]> {
  const audit = client(AuditService);
  if (name.startsWith('exchanges/')) {
    const { exchange } = await audit.getExchange({ name });
    return [required(exchange, 'exchange')];
  }
  const exchanges: Exchange[] = [];
  const request = { filter: { session: name }, includeContent: true };
  for await (const { exchange } of audit.exportExchanges(request)) {
    exchanges.push(required(exchange, 'exchange'));
    if (exchanges.length > MAX_EXCHANGES) {
      throw new CommandFailure(`${name} has more than ${MAX_EXCHANGES} exchanges; serve them one by one`);
    }
  }
  return exchanges;
}
