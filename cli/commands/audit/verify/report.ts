import { encodeBase64 } from '#core/evidence/base64.ts';
import type { Fault, FaultCode } from '#core/evidence/verify/fault.ts';
import type { VerifyReport } from '#core/evidence/verify/verify.ts';
import { CommandFailure, EXIT } from '../../../failure.ts';
import { renderFields } from '../../../output/fields.ts';
import { counted } from '../../../output/names.ts';
import { type Output, printValue } from '../../../output/output.ts';
import { type Column, renderTable } from '../../../output/table.ts';

/** What was taken, for people. */
export interface Scope {
  /** The log's verifier key. */
  readonly logKey: string;
  /** It came from elsewhere: not from what is verified. */
  readonly isKeyGiven: boolean;
  /** All records were to come, not a part of them. */
  readonly isComplete: boolean;
  readonly hasPayloads: boolean;
  /** Names of those that had to have cosigned. */
  readonly witnesses: readonly string[];
  /** From a file, not from the control plane. */
  readonly isBundle: boolean;
  /** What a bundle of a part says that it is a part by. */
  readonly filter?: Readonly<Record<string, string>>;
}

/**
 * What others follow from, and is told before them: a record that was changed is no longer the next of its writer, and with
 * another key no signature of a plane verifies.
 */
const CAUSES: readonly FaultCode[] = ['leaf_altered', 'bundle_truncated', 'plane_key_contradicted'];

const COLUMNS: readonly Column<Fault>[] = [
  { title: 'FAULT', cell: ({ code }) => code, whole: true },
  { title: 'LEAF', cell: ({ index }) => (index === undefined ? '' : `${index}`), whole: true },
  { title: 'WRITER', cell: ({ plane }) => plane ?? '', whole: true },
  { title: 'EPOCH/SEQ', cell: ({ epoch, seq }) => (seq === undefined ? '' : `${epoch}/${seq}`), whole: true },
  { title: 'WHAT', cell: ({ message }) => message, wrap: true },
];

const OLDER = 'the bundle may only be older than the checkpoint: verify one that was exported after it';
const AWAY =
  "see with 'sworn status' whether the witness is up (docs/log.md, 'Witnesses'); else keep everything as it is";
const OTHER_KEY =
  "compare the key with the one that 'sworn audit key' says, asked for over a way that you trust; where they are the same, keep everything as it is";
const BROKEN_OFF =
  'the file is not whole: copy it anew, or export it again, before you look at the other faults';
const KEEP = 'keep everything as it is';

/** Prints what was found. @throws CommandFailure exit code 6, when anything is wrong */
export async function printReport(output: Output, found: VerifyReport, scope: Scope): Promise<void> {
  const report = { ...found, faults: causesFirst(found.faults) };
  if (output.format === 'table') {
    await output.write(renderFields(fieldsOf(report, scope)));
    if (report.faults.length > 0) await output.write(`\n${renderTable(COLUMNS, report.faults, output)}`);
    const left = report.faultCount - report.faults.length;
    if (left > 0) await output.write(`and ${counted(left, 'fault')} more, of the same kinds\n`);
  } else {
    await printValue(output, toJson(report, scope));
  }
  const [first] = report.faults;
  if (first === undefined) return;
  const more = report.faultCount === 1 ? '' : `, and ${report.faultCount - 1} more`;
  throw new CommandFailure(`the record does not verify: ${describe(first)}${more}`, {
    exitCode: EXIT.verificationFailed,
    code: 'verification_failed',
    hint: `${hintOf(report, scope)}; docs/evidence.md, 'Faults', says what each means`,
  });
}

function causesFirst(faults: readonly Fault[]): Fault[] {
  return [
    ...CAUSES.flatMap((cause) => faults.filter(({ code }) => code === cause)),
    ...faults.filter(({ code }) => !CAUSES.includes(code)),
  ];
}

function hintOf({ faults }: VerifyReport, { isBundle }: Scope): string {
  if (isBundle && faults.every(({ code }) => code === 'checkpoint_beyond')) return OLDER;
  if (faults.some(({ code }) => code === 'bundle_truncated')) return BROKEN_OFF;
  if (faults.every(({ code }) => code === 'checkpoint_refused')) return OTHER_KEY;
  return faults.some(({ code }) => code === 'witness_missing') ? AWAY : KEEP;
}

function fieldsOf(report: VerifyReport, scope: Scope) {
  const { hasPayloads, witnesses } = scope;
  const { origin, tree, records, writers, statements, checkpoints, payloads, faultCount } = report;
  const { verified, opened, unopened, erased } = payloads;
  const parts = [
    `${verified} verified`,
    ...(erased > 0 ? [`${erased} erased`] : []),
    ...(opened > 0 ? [`${opened} opened`] : []),
    ...(unopened > 0 ? [`${unopened} sealed to another evidence key`] : []),
  ];
  const cosigned = report.cosignatures.map(({ witness, seconds }) => `${witness} at ${timeOf(seconds)}`);
  const lacking = witnesses.filter((name) => !report.cosignatures.some(({ witness }) => witness === name));
  const seen = [
    ...(witnesses.length === 0 ? ['no witness asked for'] : []),
    ...(cosigned.length === 0 ? [] : [`cosigned by ${cosigned.join(' and ')}`]),
    ...(lacking.length === 0 ? [] : [`not by ${lacking.join(' and ')}`]),
  ].join(', ');
  return [
    ['log', origin],
    ['key', keyOf(scope)],
    [
      'checkpoint',
      tree === undefined
        ? 'none that verifies'
        : `${counted(tree.size, 'leaf', 'leaves')}, root ${encodeBase64(tree.root)}; ${seen}`,
    ],
    ['records', `${records} of ${counted(writers, 'writer')}; ${scopeOf(report, scope)}`],
    ['filter', filterOf(scope)],
    ['signed', `${statements} heads and receipts, ${counted(checkpoints, 'checkpoint')}`],
    ['payloads', hasPayloads ? parts.join(', ') : 'not looked at'],
    ['result', faultCount === 0 ? 'verified' : counted(faultCount, 'fault')],
  ] as const;
}

function keyOf({ logKey, isKeyGiven, isBundle }: Scope): string {
  if (isKeyGiven) return 'as given';
  return `${logKey}, as the ${isBundle ? 'bundle' : 'control plane'} has it: compare it`;
}

function filterOf({ isComplete, filter = {} }: Scope): string {
  if (isComplete) return '';
  const parts = Object.entries(filter).map(([name, value]) => oneLine(`${name} ${value}`));
  return `${parts.join(', ') || 'none is named'}; as the bundle says`;
}

/** What a bundle names could look like a line of this report. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, ' ');
}

/** RFC 3339; a witness can write any number. */
function timeOf(seconds: number): string {
  const time = new Date(seconds * 1_000);
  return Number.isNaN(time.getTime()) ? `${seconds}` : time.toISOString().replace('.000Z', 'Z');
}

/** Whether these are all records: a bundle says so of itself, the checkpoint says how many there are. */
function scopeOf({ tree, records }: VerifyReport, { isComplete }: Scope): string {
  if (!isComplete) return 'a part of the records';
  if (tree === undefined) return 'without a checkpoint nobody says whether these are all';
  return records === tree.size ? 'all records' : `the log has ${tree.size}`;
}

function toJson(report: VerifyReport, scope: Scope) {
  const { hasPayloads, witnesses, logKey, isKeyGiven, isComplete, filter } = scope;
  const { faults, tree, payloads, cosignatures, ...rest } = report;
  return {
    verified: report.faultCount === 0,
    origin: rest.origin,
    logKey,
    logKeyGiven: isKeyGiven,
    size: tree?.size ?? null,
    root: tree === undefined ? null : encodeBase64(tree.root),
    scope: scopeOf(report, scope),
    filter: isComplete ? null : { ...filter },
    witnesses: witnesses.length,
    cosignatures: cosignatures.map(({ witness, seconds }) => ({ witness, time: timeOf(seconds) })),
    records: rest.records,
    writers: rest.writers,
    statements: rest.statements,
    checkpoints: rest.checkpoints,
    payloads: hasPayloads ? { ...payloads } : null,
    faultCount: rest.faultCount,
    faults: faults.map(({ code, message, index, plane, epoch, seq }) => ({
      code,
      message,
      index: index ?? null,
      plane: plane ?? '',
      epoch: epoch === undefined ? '' : `${epoch}`,
      seq: seq === undefined ? '' : `${seq}`,
    })),
  };
}

function describe({ code, index, plane, epoch, seq, message }: Fault): string {
  const parts = [
    ...(index === undefined ? [] : [`leaf ${index}`]),
    ...(plane === undefined ? [] : [oneLine(plane)]),
    ...(seq === undefined ? [] : [`epoch ${epoch} seq ${seq}`]),
  ];
  return `${code}${parts.length === 0 ? '' : ` at ${parts.join(', ')}`}: ${message}`;
}
