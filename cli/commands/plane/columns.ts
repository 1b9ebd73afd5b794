import { type Plane, SyncStateSchema } from '#proto/sworn/plane/v1/plane_pb.ts';
import { enumWord, shortName } from '../../output/names.ts';
import type { Column } from '../../output/table.ts';
import { formatAge } from '../../output/time.ts';

/** The columns in which planes are shown. */
export function planeColumns(nowMs: number): Column<Plane>[] {
  return [
    { title: 'PLANE', cell: ({ name }) => shortName(name), whole: true },
    { title: 'DISPLAY NAME', cell: ({ displayName }) => displayName },
    { title: 'STATE', cell: stateText, whole: true },
    { title: 'REVISION', cell: ({ appliedRevision, headRevision }) => `${appliedRevision}/${headRevision}` },
    { title: 'SPOOL', cell: ({ spoolDepth }) => String(spoolDepth) },
    {
      title: 'SEEN',
      cell: ({ seenTime }) => (seenTime === undefined ? 'never' : `${formatAge(seenTime, nowMs)} ago`),
    },
    { title: 'VERSION', cell: ({ version }) => version, spare: true },
    { title: 'ERROR', cell: errorText, wrap: true },
  ];
}

function errorText({ applyError, detectorError }: Plane): string {
  const detector = detectorError === '' ? '' : `external detector: ${detectorError}`;
  return [applyError, detector].filter((part) => part !== '').join('; ');
}

function stateText(plane: Plane): string {
  if (plane.revokeTime !== undefined) return 'REVOKED';
  return enumWord(SyncStateSchema, plane.syncState).toUpperCase().replace('_', ' ');
}
