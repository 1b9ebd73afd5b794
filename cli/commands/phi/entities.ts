import type { JsonValue } from '@bufbuild/protobuf';
import { Command } from 'commander';
import { CATALOGUE, type CatalogueEntry } from '#core/phi/catalogue.ts';
import { invokeOffline } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { type Output, printValue } from '../../output/output.ts';
import { type Column, renderTable } from '../../output/table.ts';

const COLUMNS: readonly Column<CatalogueEntry>[] = [
  { title: 'ENTITY', cell: ({ name }) => name, whole: true },
  { title: 'SAFE HARBOR', cell: ({ safeHarbor }) => safeHarbor },
  { title: 'DESCRIPTION', cell: ({ description }) => description },
  { title: 'SCORE', cell: scoresOf },
];

/** `sworn phi entities`. */
export function createEntitiesCommand(): Command {
  const command = new Command('entities')
    .summary('the catalogue: every kind of PHI and the rules that find it')
    .description(
      'Lists every kind of PHI with the letter of its identifier in 45 CFR 164.514(b)(2)(i), and the rules that find ' +
        'it with their scores, 0 to 1. As JSON or YAML with forms, checksum, context, masking choices and limits.',
    )
    .action((_options: unknown, self: Command) => invokeOffline(self, list));
  return withExamples(
    command,
    ['sworn phi entities', ''],
    ['sworn phi entities --output json | jq -r ".entities[].name"', 'the names that a policy may use'],
  );
}

async function list(output: Output): Promise<void> {
  if (output.format === 'table') await output.write(renderTable(COLUMNS, CATALOGUE, output));
  else await printValue(output, { entities: CATALOGUE.map(toJson) });
}

/** The scores of an entity's rules, from the least sure to the surest. */
function scoresOf({ rules }: CatalogueEntry): string {
  const scores = rules.map(({ score }) => score);
  const [least, most] = [Math.min(...scores), Math.max(...scores)];
  return least === most ? String(least) : `${least}-${most}`;
}

function toJson({ rules, masks, ...entry }: CatalogueEntry): JsonValue {
  return { ...entry, rules: rules.map((rule) => ({ ...rule })), masks: [...masks] };
}
