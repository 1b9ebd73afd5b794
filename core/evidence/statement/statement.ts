import { decodeBase64, encodeBase64 } from '../base64.ts';
import { EvidenceError } from '../error.ts';
import { HASH_BYTES } from '../merkle/hash.ts';

/** A plane says how far its records go, a control plane how far it stored them; one form, told apart by its first line. */
export type StatementKind = 'head' | 'receipt';

/** The last record of an epoch of a plane, as someone knew it at a time. */
export interface Statement {
  /** `planes/{id}` */
  readonly plane: string;
  readonly epoch: bigint;
  readonly seq: bigint;
  /** SHA-256 of that record, 32 bytes. */
  readonly digest: Uint8Array;
  /** When it was said, to the millisecond. */
  readonly time: Date;
}

const MAX_UINT64 = 2n ** 64n - 1n;
/** No plane's name comes near. */
const MAX_STATEMENT_BYTES = 1_024;
const DECIMAL = /^(?:0|[1-9][0-9]{0,19})$/;
const TIME = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{3}Z$/;
// Of ASCII and Latin 1.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for.
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

/**
 * The text of a statement, which is what is signed: a line for what it is, then plane, epoch, seq, digest in base64 and
 * time by RFC 3339 in UTC, each ended by a newline.
 * @throws EvidenceError malformed: one of the fields
 */
export function formatStatement(kind: StatementKind, statement: Statement): string {
  const { plane, epoch, seq, digest, time } = statement;
  const fields = [plane, epoch, seq, encodeBase64(digest), formatTime(time)];
  const text = `${[header(kind), ...fields].join('\n')}\n`;
  const whole =
    plane !== '' &&
    plane.isWellFormed() &&
    !CONTROL.test(plane) &&
    Buffer.byteLength(text) <= MAX_STATEMENT_BYTES;
  if (!whole || !isUint64(epoch) || !isUint64(seq) || digest.length !== HASH_BYTES) {
    throw new EvidenceError('malformed', `not a ${kind}`);
  }
  return text;
}

/**
 * Reads the text of a statement; only the one form that `formatStatement` gives is taken.
 * @throws EvidenceError malformed: also a statement of the other kind
 */
export function parseStatement(kind: StatementKind, text: string): Statement {
  const lines = text.length <= MAX_STATEMENT_BYTES ? text.split('\n') : [];
  const [first, plane = '', epoch = '', seq = '', encoded = '', time = '', end] = lines;
  const digest = decodeBase64(encoded);
  const form = lines.length === 7 && first === header(kind) && end === '' && digest !== undefined;
  if (!form || !DECIMAL.test(epoch) || !DECIMAL.test(seq)) {
    throw new EvidenceError('malformed', `not a ${kind}`);
  }
  const statement = { plane, epoch: BigInt(epoch), seq: BigInt(seq), digest, time: new Date(time) };
  if (formatStatement(kind, statement) !== text) throw new EvidenceError('malformed', `not a ${kind}`);
  return statement;
}

function header(kind: StatementKind): string {
  return `sworn.${kind}/v1`;
}

function formatTime(time: Date): string {
  const text = Number.isFinite(time.getTime()) ? time.toISOString() : '';
  // Years beyond four digits have another form.
  if (!TIME.test(text)) throw new EvidenceError('malformed', 'not a time');
  return text;
}

function isUint64(value: bigint): boolean {
  return value >= 0n && value <= MAX_UINT64;
}
