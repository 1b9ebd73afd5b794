import { Code, ConnectError } from '@connectrpc/connect';
import { Command } from 'commander';
import { Health, HealthCheckResponse_ServingStatus } from '#proto/grpc/health/v1/health_pb.ts';
import {
  IdentityService,
  type WhoAmIResponse,
  WhoAmIResponseSchema,
} from '#proto/sworn/identity/v1/identity_service_pb.ts';
import { type Plane, PlaneSchema } from '#proto/sworn/plane/v1/plane_pb.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { explainFailure } from '../../connect/explain.ts';
import { readPages } from '../../connect/pages.ts';
import { CommandFailure, EXIT } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { messageJson, printValue } from '../../output/output.ts';
import { sanitiseLine } from '../../output/sanitise.ts';
import { renderTable } from '../../output/table.ts';
import { renderPerson } from '../auth/person.ts';
import { planeColumns } from '../plane/columns.ts';

/** What could be learned, or why not. */
type Learned<T> = { readonly value: T } | { readonly failure: CommandFailure };

interface LogHealth {
  /** `sound` or `halted`. */
  readonly state: string;
  /** Witnesses that do not cosign; the log goes on without them. */
  readonly witnessesAway: readonly string[];
}

/**
 * `sworn status`: fails with 5 when the control plane does not serve, with 6 when its log is halted, whatever else could
 * be learned.
 */
export function createStatusCommand(): Command {
  const command = new Command('status')
    .summary('health of the control plane, its planes, and who you are')
    .description(
      'Shows whether the control plane serves and its log is sound, who you are to it, and what each data plane runs.',
    )
    .action((_options: unknown, self: Command) => invoke(self, show));
  return withExamples(
    command,
    ['sworn status', ''],
    ['sworn status > /dev/null && echo serving', 'exit code 5 when it does not, 6 when its log is halted'],
  );
}

async function show(invocation: Invocation): Promise<void> {
  const { output, controlPlane } = invocation;
  const { status } = await invocation.clientWith(Health, undefined).check({});
  const serving = status === HealthCheckResponse_ServingStatus.SERVING;
  const log = await learn(controlPlane, () => readLog(invocation));
  const isHalted = 'value' in log && log.value.state === 'halted';
  const person = await learn(controlPlane, () => invocation.client(IdentityService).whoAmI({}));
  const planes = 'value' in person ? await learn(controlPlane, () => readPlanes(invocation)) : person;
  if (output.format === 'table') {
    const health = `control plane  ${controlPlane}  ${serving ? 'serving' : 'NOT SERVING'}${logText(log)}\n`;
    await output.write(`${health}\n${personText(person)}\n${planesText(planes, invocation)}`);
  } else {
    await printValue(output, {
      controlPlane,
      serving,
      log: 'value' in log ? log.value.state : null,
      witnessesAway: 'value' in log ? [...log.value.witnessesAway] : null,
      person: 'value' in person ? messageJson(WhoAmIResponseSchema, person.value) : null,
      planes: 'value' in planes ? planes.value.map((plane) => messageJson(PlaneSchema, plane)) : null,
    });
  }
  if (!serving) {
    throw new CommandFailure(`the control plane at ${controlPlane} is up but does not serve`, {
      exitCode: EXIT.unavailable,
      code: 'not_serving',
      hint: 'its log says why: often the database',
    });
  }
  if (isHalted) {
    throw new CommandFailure('the log is halted: its database was restored from an older one, or edited', {
      exitCode: EXIT.verificationFailed,
      code: 'log_halted',
      hint: "docs/log.md, 'When the log is halted', says what to do",
    });
  }
}

/** Roles that may not list planes, and people who are not logged in, still get the rest. */
async function learn<T>(controlPlane: string, action: () => Promise<T>): Promise<Learned<T>> {
  try {
    return { value: await action() };
  } catch (error) {
    if (error instanceof ConnectError && error.code === Code.Canceled) throw error;
    return { failure: explainFailure(error, controlPlane) };
  }
}

/** The probe of the process tells it also while the store is down. */
async function readLog({ getText }: Invocation): Promise<LogHealth> {
  const probe = JSON.parse(await getText('/healthz/live')) as Record<string, unknown>;
  const { log, witnessesAway } = probe;
  return { state: String(log), witnessesAway: Array.isArray(witnessesAway) ? witnessesAway.map(String) : [] };
}

async function readPlanes({ client }: Invocation): Promise<Plane[]> {
  const service = client(PlaneService);
  const { items } = await readPages({ all: true }, async (page) => {
    const response = await service.listPlanes(page);
    return { items: response.planes, nextPageToken: response.nextPageToken };
  });
  return items;
}

function logText(log: Learned<LogHealth>): string {
  if ('failure' in log) return ', log not known: its health probe cannot be read';
  const { state, witnessesAway } = log.value;
  const away = witnessesAway.map((name) => `, WITNESS AWAY: ${sanitiseLine(name)}`).join('');
  return `${state === 'halted' ? ', LOG HALTED' : ''}${away}`;
}

function personText(person: Learned<WhoAmIResponse>): string {
  return 'value' in person ? renderPerson(person.value) : `${failureText(person.failure)}\n`;
}

function planesText(planes: Learned<unknown>, { output }: Invocation): string {
  if ('failure' in planes)
    return planes.failure.exitCode === EXIT.denied ? 'planes: shown to admins and auditors\n' : '';
  const rows = planes.value as Plane[];
  return rows.length === 0 ? 'no data planes\n' : renderTable(planeColumns(Date.now()), rows, output);
}

function failureText({ message, hint }: CommandFailure): string {
  return sanitiseLine(hint === undefined ? message : `${message}; next: ${hint}`);
}
