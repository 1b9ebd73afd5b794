import { create } from '@bufbuild/protobuf';
import { Command } from 'commander';
import {
  EvidenceService,
  ListEvidenceKeysResponseSchema,
} from '#proto/sworn/evidence/v1/evidence_service_pb.ts';
import { type PageOptions, readPages } from '../../connect/pages.ts';
import { type Invocation, invoke } from '../../invocation.ts';
import { withExamples, withPages } from '../../options.ts';
import { printList } from '../../output/list.ts';
import { KEY_COLUMNS } from './columns.ts';

/** `sworn evidence-key list`. */
export function createListCommand(): Command {
  const command = new Command('list')
    .summary('list evidence keys, newest first')
    .description(
      'Lists evidence keys, newest first: which one planes seal to, and whether the replica that answers has each of them.',
    )
    .action((options: PageOptions, self: Command) => invoke(self, (invocation) => list(invocation, options)));
  return withExamples(withPages(command), ['sworn evidence-key list', '']);
}

async function list({ client, output }: Invocation, options: PageOptions): Promise<void> {
  const service = client(EvidenceService);
  const { items: evidenceKeys, nextPageToken } = await readPages(options, async (page) => {
    const response = await service.listEvidenceKeys(page);
    return { items: response.evidenceKeys, nextPageToken: response.nextPageToken };
  });
  await printList(output, {
    schema: ListEvidenceKeysResponseSchema,
    message: create(ListEvidenceKeysResponseSchema, { evidenceKeys, nextPageToken }),
    columns: KEY_COLUMNS,
    rows: evidenceKeys,
    nextPageToken,
    none: 'no evidence keys',
  });
}
