import type { EvidenceKey } from '#proto/sworn/evidence/v1/evidence_key_pb.ts';
import { shortName } from '../../output/names.ts';
import type { Column } from '../../output/table.ts';
import { formatTime } from '../../output/time.ts';

/** The columns in which evidence keys are shown. */
export const KEY_COLUMNS: readonly Column<EvidenceKey>[] = [
  { title: 'KEY', cell: ({ name }) => shortName(name), whole: true },
  { title: 'STATE', cell: ({ current }) => (current ? 'CURRENT' : 'OLD') },
  { title: 'HERE', cell: ({ available }) => (available ? 'yes' : 'NO') },
  { title: 'MADE', cell: ({ createTime }) => formatTime(createTime), whole: true },
];
