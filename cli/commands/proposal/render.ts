import { fromJsonString } from '@bufbuild/protobuf';
import { formatPolicies } from '#core/policy/parse.ts';
import { PolicySchema } from '#proto/sworn/policy/v1/policy_pb.ts';
import {
  type Proposal,
  ProposalStateSchema,
  type ProposedChange,
} from '#proto/sworn/proposal/v1/proposal_pb.ts';
import { diffLines, renderDiff } from '../../output/diff.ts';
import { renderFields } from '../../output/fields.ts';
import { callerName, enumWord, shortName } from '../../output/names.ts';
import type { Output } from '../../output/output.ts';
import { sanitiseLine } from '../../output/sanitise.ts';
import type { Column } from '../../output/table.ts';
import { formatTime } from '../../output/time.ts';
import { formatYaml } from '../../output/yaml.ts';

/** The columns of a list of proposals. */
export const COLUMNS: readonly Column<Proposal>[] = [
  { title: 'PROPOSAL', cell: ({ name }) => shortName(name), whole: true },
  { title: 'TIME', cell: ({ createTime }) => formatTime(createTime), whole: true },
  { title: 'STATE', cell: ({ state }) => enumWord(ProposalStateSchema, state), whole: true },
  { title: 'BY', cell: ({ author }) => callerName(author) },
  { title: 'CHANGES', cell: ({ changes }) => changes.map(changeText).join(', ') },
  { title: 'REASON', cell: ({ reason }) => reason },
];

/** A proposal with what it would change, line by line. */
export function renderProposal(output: Pick<Output, 'color'>, proposal: Proposal): string {
  const { name, state, author, reason, createTime, expireTime, decidedBy, decideTime, decisionReason } =
    proposal;
  const fields = renderFields([
    ['proposal', name],
    ['state', enumWord(ProposalStateSchema, state)],
    ['by', callerName(author)],
    ['reason', reason],
    ['proposed', formatTime(createTime)],
    ['expires', decideTime === undefined ? formatTime(expireTime) : ''],
    ['decided by', callerName(decidedBy)],
    ['decided', formatTime(decideTime)],
    ['why', decisionReason],
  ]);
  return fields + proposal.changes.map((change) => renderChange(output, change)).join('');
}

/** What was decided, in a line. */
export function renderDecision({ name, state, changes }: Proposal): string {
  const what = changes.map((change) => change.name).join(', ');
  return `${name} ${enumWord(ProposalStateSchema, state)}: ${sanitiseLine(what)}\n`;
}

function renderChange(output: Pick<Output, 'color'>, change: ProposedChange): string {
  const { name, before, after, secrets } = change;
  const lines = diffLines(textOf(name, before), textOf(name, after));
  const set = secrets.length === 0 ? '' : `secrets that are set: ${secrets.map(sanitiseLine).join(', ')}\n`;
  return `\n${sanitiseLine(name)}: ${verbOf(change)}\n${renderDiff(output, lines)}${set}`;
}

/** `delete policies/research`. */
function changeText(change: ProposedChange): string {
  return `${IMPERATIVES[verbOf(change)]} ${change.name}`;
}

const IMPERATIVES = { created: 'create', deleted: 'delete', changed: 'change', 'the same': 'set' } as const;

function verbOf({ before, after }: ProposedChange): keyof typeof IMPERATIVES {
  if (before === '') return 'created';
  if (after === '') return 'deleted';
  return before === after ? 'the same' : 'changed';
}

/** As people write it: policies in their own YAML. */
function textOf(name: string, content: string): string {
  if (content === '') return '';
  if (name.startsWith('policies/')) return formatPolicies([fromJsonString(PolicySchema, content)]);
  return formatYaml(JSON.parse(content));
}
