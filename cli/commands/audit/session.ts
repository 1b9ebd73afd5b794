import { toJson } from '@bufbuild/protobuf';
import { Command } from 'commander';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { type Exchange, ExchangeSchema } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { readPages } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { renderBlock, renderFields } from '../../output/fields.ts';
import { callerName, shortName } from '../../output/names.ts';
import { printValue } from '../../output/output.ts';
import { type Column, renderTable } from '../../output/table.ts';
import { formatTime } from '../../output/time.ts';
import { parse } from '../../transcript/json.ts';
import { renderTraces } from '../../transcript/traces.ts';
import { resolveSession } from './named.ts';
import { foundText, outcomeText } from './render.ts';

const COLUMNS: readonly Column<Exchange>[] = [
  { title: 'EXCHANGE', cell: ({ name }) => shortName(name), whole: true },
  { title: 'BEGAN', cell: ({ startTime }) => formatTime(startTime), whole: true },
  { title: 'ROUTE', cell: ({ route }) => route, spare: true },
  { title: 'MODEL', cell: ({ model }) => model, spare: true },
  { title: 'IN THE SESSION', cell: foundText },
  { title: 'OUTCOME', cell: ({ outcome }) => outcomeText(outcome) || 'running', whole: true },
];
/** The route that traces come by. */
const TRACES_ROUTE = 'traces.ingest';

/** `sworn audit session`: what a session is made of. */
export function createSessionCommand(): Command {
  const command = new Command('session')
    .summary('show what a session is made of, and why')
    .description(
      'Lists the exchanges of a session, oldest first, and by what each is in it.\n' +
        'With --traces: also the traces that the application exported, with workflow, group and agents. That is content:\n' +
        'that you read it is recorded.',
    )
    .argument('<session>', 'a session id, or the name that the application gave it')
    .option('--traces', 'with the traces that were exported')
    .action((typed: string, options: { readonly traces?: boolean }, self: Command) =>
      invoke(self, (invocation) => show(invocation, typed, options.traces === true)),
    );
  return withExamples(
    command,
    ['sworn audit session visit-4711', ''],
    ['sworn audit session 0199f3c2-7e10-7000-8000-000000000001 --traces', 'with its traces'],
  );
}

async function show(invocation: Invocation, typed: string, withTraces: boolean): Promise<void> {
  const { output } = invocation;
  const exchanges = await list(invocation, await resolveSession(invocation, typed));
  const traces = [...new Set(exchanges.filter(isCall).flatMap((exchange) => exchange.traces))].sort();
  const exports = withTraces ? await readExports(invocation, exchanges) : [];
  const tree = renderTraces(exports, traces.length === 0 ? undefined : new Set(traces));
  if (output.format !== 'table') {
    await printValue(output, {
      session: exchanges[0]?.session ?? '',
      traces,
      exchanges: exchanges.map((exchange) => toJson(ExchangeSchema, exchange)),
      ...(withTraces ? { exports: exports.map((one) => JSON.stringify(one)) } : {}),
    });
    return;
  }
  const head = renderFields([
    ['session', exchanges[0]?.session ?? ''],
    ['caller', callerName(exchanges[0]?.caller)],
    ['traces', traces.join('\n')],
  ]);
  await output.write(`${head}\n${renderTable(COLUMNS, exchanges, output)}`);
  if (withTraces) await output.write(renderBlock('traces', tree || 'none were exported, or they are erased'));
}

/** The exchanges of a session, oldest first. */
async function list({ client }: Invocation, session: string): Promise<Exchange[]> {
  const service = client(AuditService);
  const { items } = await readPages({ all: true }, async (page) => {
    const { exchanges, nextPageToken } = await service.listExchanges({ ...page, filter: { session } });
    return { items: exchanges, nextPageToken };
  });
  return items.reverse();
}

async function readExports({ client }: Invocation, exchanges: readonly Exchange[]): Promise<unknown[]> {
  const service = client(AuditService);
  const bodies: unknown[] = [];
  for (const { name } of exchanges.filter((exchange) => !isCall(exchange))) {
    const { exchange } = await service.getExchange({ name });
    const body = parse(new TextDecoder().decode(exchange?.prompt?.body));
    if (body !== undefined) bodies.push(body);
  }
  return bodies;
}

function isCall({ route }: Exchange): boolean {
  return route !== TRACES_ROUTE;
}
