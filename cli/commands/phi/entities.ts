import { Command } from 'commander';
import { ENTITIES, type Entity } from '#core/phi/entities.ts';
import { RULES } from '#core/phi/rules/index.ts';
import { invokeOffline } from '../../invocation.ts';
import { withExamples } from '../../options.ts';
import { type Output, printValue } from '../../output/output.ts';
import { type Column, renderTable } from '../../output/table.ts';

/** An entity with the rules that find it. */
interface ListedEntity extends Entity {
  readonly rules: readonly { readonly name: string; readonly score: number }[];
}

const COLUMNS: readonly Column<ListedEntity>[] = [
  { title: 'ENTITY', cell: ({ name }) => name, whole: true },
  { title: 'SAFE HARBOR', cell: ({ safeHarbor }) => safeHarbor },
  { title: 'DESCRIPTION', cell: ({ description }) => description },
  {
    title: 'RULES',
    cell: ({ rules }) => rules.map(({ name, score }) => `${name} ${score}`).join(', ') || '-',
  },
];

/** `sworn phi entities`. */
export function createEntitiesCommand(): Command {
  const command = new Command('entities')
    .summary('the catalogue: every kind of PHI and the rules that find it')
    .description(
      'Lists every kind of PHI with the letter of its identifier in 45 CFR 164.514(b)(2)(i), and the rules that find ' +
        'it with their scores, 0 to 1. An entity without rules is not found yet.',
    )
    .action((_options: unknown, self: Command) => invokeOffline(self, list));
  return withExamples(
    command,
    ['sworn phi entities', ''],
    ['sworn phi entities --output json | jq -r ".entities[].name"', 'the names that a policy may use'],
  );
}

async function list(output: Output): Promise<void> {
  const entities: ListedEntity[] = ENTITIES.map(({ name, safeHarbor, description }) => ({
    name,
    safeHarbor,
    description,
    rules: RULES.filter((rule) => rule.entity === name).map((rule) => ({
      name: rule.name,
      score: rule.score,
    })),
  }));
  if (output.format === 'table') await output.write(renderTable(COLUMNS, entities, output));
  else
    await printValue(output, {
      entities: entities.map((entity) => ({ ...entity, rules: [...entity.rules] })),
    });
}
