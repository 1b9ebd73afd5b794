import type { ListGapsResponse } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import {
  type Alarm,
  type Gap,
  GapKind,
  GapKindSchema,
  GapWitness,
  type PlanePresence,
  PresenceSchema,
} from '#proto/sworn/audit/v1/gap_pb.ts';
import { enumWord, shortName } from '../../output/names.ts';
import { type Column, renderTable, type TableOptions } from '../../output/table.ts';
import { formatAge, formatTime } from '../../output/time.ts';

interface Finding {
  readonly word: string;
  readonly writer: string;
  readonly epoch: bigint;
  readonly seqs: string;
  readonly because: string;
}

const FINDINGS: readonly Column<Finding>[] = [
  { title: 'WHAT', cell: ({ word }) => word.toUpperCase(), whole: true },
  { title: 'WRITER', cell: ({ writer }) => writer, whole: true },
  { title: 'EPOCH', cell: ({ epoch }) => String(epoch) },
  { title: 'SEQS', cell: ({ seqs }) => seqs, whole: true },
  { title: 'BECAUSE', cell: ({ because }) => because, wrap: true },
];

const WITNESSES: Partial<Record<GapWitness, string>> = {
  [GapWitness.STORED]: 'they were stored, and are gone',
  [GapWitness.HEAD]: 'the plane signed that it wrote them',
  [GapWitness.EPOCH_BEGIN]: 'its next epoch says that it wrote them',
};

/** Every gap and alarm as a table, then every plane as another. */
export function renderGaps(
  { gaps, planes, alarms }: ListGapsResponse,
  options: TableOptions,
  nowMs: number,
): string {
  const findings = [...gaps.map(describeGap), ...alarms.map(describeAlarm)];
  const parts = [
    ...(findings.length === 0 ? [] : [renderTable(FINDINGS, findings, options)]),
    ...(planes.length === 0 ? [] : [renderTable(planeColumns(nowMs), planes, options)]),
  ];
  return parts.join('\n');
}

function describeGap({ kind, plane, epoch, firstSeq, lastSeq, witness }: Gap): Finding {
  const word = enumWord(GapKindSchema, kind);
  const isOpen = kind === GapKind.UNCLOSED;
  const seqs = isOpen ? `${firstSeq}-?` : range(firstSeq, lastSeq);
  const because = isOpen ? 'the next epoch does not say where it ended' : (WITNESSES[witness] ?? '');
  return { word, writer: plane, epoch, seqs, because };
}

function describeAlarm({ plane, offered, time }: Alarm): Finding {
  const because = `the plane said two different things, ${formatTime(time)}`;
  return {
    word: 'alarm',
    writer: plane,
    epoch: offered?.epoch ?? 0n,
    seqs: String(offered?.seq ?? ''),
    because,
  };
}

function range(first: bigint, last: bigint): string {
  return first === last ? String(first) : `${first}-${last}`;
}

function planeColumns(nowMs: number): readonly Column<PlanePresence>[] {
  return [
    { title: 'PLANE', cell: ({ plane }) => shortName(plane), whole: true },
    { title: 'DISPLAY NAME', cell: ({ displayName }) => displayName },
    {
      title: 'PRESENCE',
      cell: ({ presence }) => enumWord(PresenceSchema, presence).toUpperCase(),
      whole: true,
    },
    { title: 'EPOCH', cell: ({ epoch }) => String(epoch) },
    { title: 'STORED', cell: ({ storedSeq }) => String(storedSeq) },
    { title: 'HEARD', cell: ({ heardTime }) => `${formatAge(heardTime, nowMs)} ago` },
  ];
}
