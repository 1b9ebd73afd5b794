import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import { type Plane, type UpstreamHealth, UpstreamState } from '#proto/sworn/plane/v1/plane_pb.ts';
import { ListPlanesResponseSchema, PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { readPages } from '../../connect/pages.ts';
import { CommandFailure, EXIT } from '../../failure.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { fullName, shortName } from '../../output/names.ts';
import type { Column } from '../../output/table.ts';
import { formatAge } from '../../output/time.ts';

interface Row {
  readonly plane: Plane;
  readonly health: UpstreamHealth;
}

/** `sworn upstream check`: whether planes reach what they call, as they last reported. */
export function createCheckCommand(): Command {
  const command = new Command('check')
    .summary('show whether planes reach the providers')
    .description(
      'Shows how each plane last got on with each provider that it may call. Planes note that with every request, try a ' +
        'connection where there was none for a minute, and report every ten seconds. Exit code 5 when one fails.',
    )
    .argument('[name]', 'one provider alone, with or without upstreams/')
    .action((name: string | undefined, _options: unknown, self: Command) =>
      invoke(self, (invocation) => check(invocation, name && fullName('upstreams', name))),
    );
  return withExamples(command, ['sworn upstream check', ''], ['sworn upstream check azure', '']);
}

async function check({ client, output }: Invocation, name: string | undefined): Promise<void> {
  const service = client(PlaneService);
  const { items, nextPageToken } = await readPages({ all: true }, async (page) => {
    const response = await service.listPlanes(page);
    return { items: response.planes, nextPageToken: response.nextPageToken };
  });
  // Of a name that is mistyped nothing fails either.
  if (name !== undefined) await client(UpstreamService).getUpstream({ name });
  const planes = items
    .filter(({ revokeTime }) => revokeTime === undefined)
    .map((plane) => ({
      ...plane,
      upstreams: plane.upstreams.filter(({ upstream }) => name === undefined || upstream === name),
    }));
  const rows = planes.flatMap((plane) => plane.upstreams.map((health) => ({ plane, health })));
  await printList(output, {
    schema: ListPlanesResponseSchema,
    message: create(ListPlanesResponseSchema, { planes, nextPageToken }),
    columns: columns(Date.now()),
    rows,
    nextPageToken,
    none: 'no plane has reported on a provider yet',
  });
  const failing = rows.filter(({ health }) => health.state === UpstreamState.FAILS);
  const [first] = failing;
  if (first === undefined) return;
  throw new CommandFailure(failing.length === 1 ? 'one upstream fails' : `${failing.length} upstreams fail`, {
    exitCode: EXIT.unavailable,
    code: 'upstream_fails',
    hint: `sworn upstream update ${shortName(first.health.upstream)} changes its settings or credential; docs/upstreams.md, 'Whether it works'`,
  });
}

function columns(nowMs: number): Column<Row>[] {
  return [
    { title: 'UPSTREAM', cell: ({ health }) => shortName(health.upstream), whole: true },
    { title: 'PLANE', cell: ({ plane }) => shortName(plane.name), whole: true },
    { title: 'REGION', cell: ({ plane }) => plane.region },
    { title: 'STATE', cell: ({ health }) => STATES[health.state] ?? '', whole: true },
    {
      title: 'SINCE',
      cell: ({ health: { time } }) => (time === undefined ? '' : `${formatAge(time, nowMs)} ago`),
    },
    { title: 'RUNNING', cell: ({ health }) => String(health.running), spare: true },
    { title: 'WAITING', cell: ({ health }) => String(health.queued), spare: true },
    { title: 'FAULT', cell: ({ health }) => health.fault, wrap: true },
  ];
}

const STATES: Readonly<Record<UpstreamState, string>> = {
  [UpstreamState.UNSPECIFIED]: 'NOT TRIED YET',
  [UpstreamState.ANSWERS]: 'ANSWERS',
  [UpstreamState.FAILS]: 'FAILS',
  [UpstreamState.REACHED]: 'REACHED',
};
