import { encodeBase64 } from '#core/evidence/base64.ts';
import type { Fault } from '#core/evidence/verify/fault.ts';
import type { VerifyReport } from '#core/evidence/verify/verify.ts';
import { CommandFailure, EXIT } from '../../../failure.ts';
import { renderFields } from '../../../output/fields.ts';
import { counted } from '../../../output/names.ts';
import { type Output, printValue } from '../../../output/output.ts';
import { type Column, renderTable } from '../../../output/table.ts';

/** What was taken, for people. */
export interface Scope {
  /** Where the log's key is from. */
  readonly logKey: string;
  readonly scope: string;
  readonly hasPayloads: boolean;
  /** Names of those that had to have cosigned. */
  readonly witnesses: readonly string[];
}

const COLUMNS: readonly Column<Fault>[] = [
  { title: 'FAULT', cell: ({ code }) => code, whole: true },
  { title: 'LEAF', cell: ({ index }) => (index === undefined ? '' : `${index}`), whole: true },
  { title: 'WRITER', cell: ({ plane }) => plane ?? '', whole: true },
  { title: 'EPOCH/SEQ', cell: ({ epoch, seq }) => (seq === undefined ? '' : `${epoch}/${seq}`), whole: true },
  { title: 'WHAT', cell: ({ message }) => message, wrap: true },
];

const AWAY = "see with 'sworn status' whether the witness is up (docs/log.md, 'Witnesses')";
const KEEP = "keep everything as it is; docs/evidence.md, 'Faults', says what each means";

/** Prints what was found. @throws CommandFailure exit code 6, when anything is wrong */
export async function printReport(output: Output, report: VerifyReport, scope: Scope): Promise<void> {
  if (output.format === 'table') {
    await output.write(renderFields(fieldsOf(report, scope)));
    if (report.faults.length > 0) await output.write(`\n${renderTable(COLUMNS, report.faults, output)}`);
  } else {
    await printValue(output, toJson(report, scope));
  }
  const [first] = report.faults;
  if (first === undefined) return;
  const isAway = report.faults.some(({ code }) => code === 'witness_missing');
  const more = report.faultCount === 1 ? '' : `, and ${report.faultCount - 1} more`;
  throw new CommandFailure(`the record does not verify: ${describe(first)}${more}`, {
    exitCode: EXIT.verificationFailed,
    code: 'verification_failed',
    hint: isAway ? `${AWAY}; else ${KEEP}` : KEEP,
  });
}

function fieldsOf(report: VerifyReport, { logKey, scope, hasPayloads, witnesses }: Scope) {
  const { origin, size, root, records, writers, statements, checkpoints, payloads, faultCount } = report;
  const { verified, opened, unopened, erased } = payloads;
  const parts = [
    `${verified} verified`,
    ...(erased > 0 ? [`${erased} erased`] : []),
    ...(opened > 0 ? [`${opened} opened`] : []),
    ...(unopened > 0 ? [`${unopened} sealed to another evidence key`] : []),
  ];
  const cosigned =
    witnesses.length === 0
      ? 'no witness asked for'
      : `${faultCount === 0 ? 'cosigned by' : 'a cosignature asked for of'} ${witnesses.join(' and ')}`;
  return [
    ['log', origin],
    ['key', logKey],
    ['checkpoint', `${size} leaves, root ${encodeBase64(root)}; ${cosigned}`],
    ['records', `${records} of ${writers} writers; ${scope}`],
    ['signed', `${statements} heads and receipts, ${counted(checkpoints, 'checkpoint')}`],
    ['payloads', hasPayloads ? parts.join(', ') : 'not looked at'],
    ['result', faultCount === 0 ? 'verified' : counted(faultCount, 'fault')],
  ] as const;
}

function toJson(report: VerifyReport, { scope, hasPayloads, witnesses }: Scope) {
  const { faults, root, payloads, ...rest } = report;
  return {
    verified: report.faultCount === 0,
    origin: rest.origin,
    size: rest.size,
    root: encodeBase64(root),
    scope,
    witnesses: witnesses.length,
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
    ...(plane === undefined ? [] : [plane]),
    ...(seq === undefined ? [] : [`epoch ${epoch} seq ${seq}`]),
  ];
  return `${code}${parts.length === 0 ? '' : ` at ${parts.join(', ')}`}: ${message}`;
}
