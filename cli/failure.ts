/** What a command ends with; docs/cli.md has the table. */
export const EXIT = {
  ok: 0,
  failure: 1,
  usage: 2,
  denied: 3,
  unauthenticated: 4,
  unavailable: 5,
  verificationFailed: 6,
  /** 128 + SIGINT, as shells count. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** One thing that is wrong with what was given, and where. */
export interface Fault {
  /** The file as it was named; absent where it came from none. */
  readonly file?: string;
  /** In the file, from 1; absent where it cannot be said. */
  readonly line?: number;
  readonly column?: number;
  /** `policies/a`; absent where it is about no resource. */
  readonly resource?: string;
  /** The path of the field: `spec.rules[0].when`. */
  readonly field?: string;
  readonly message: string;
}

/** Why a command failed: the Connect code of an RPC (`not_found`), or one of the client's own. */
export interface CommandFailureOptions {
  readonly exitCode?: ExitCode;
  /** Stable, for programs: `not_logged_in`. */
  readonly code?: string;
  /** The next command to try, or what to change. */
  readonly hint?: string | undefined;
  /** The API's reason: `REASON_NOT_FOUND`. */
  readonly reason?: string | undefined;
  /** What the reason is about: field paths, positions in a document. */
  readonly metadata?: Readonly<Record<string, string>>;
  /** The same as `metadata` in parts, where it says what is wrong with what was given. */
  readonly faults?: readonly Fault[];
  readonly cause?: unknown;
}

/** A failure whose message is meant for the person at the terminal. */
export class CommandFailure extends Error {
  readonly exitCode: ExitCode;
  readonly code: string;
  readonly hint: string | undefined;
  readonly reason: string | undefined;
  readonly metadata: Readonly<Record<string, string>>;
  readonly faults: readonly Fault[];

  constructor(message: string, options: CommandFailureOptions = {}) {
    super(message, { cause: options.cause });
    this.name = 'CommandFailure';
    this.exitCode = options.exitCode ?? EXIT.failure;
    this.code = options.code ?? 'failure';
    this.hint = options.hint;
    this.reason = options.reason;
    this.metadata = options.metadata ?? {};
    this.faults = options.faults ?? [];
  }
}

/** A failure of how the command was called: exit code 2. */
export function usageFailure(message: string, hint = 'add --help for what it takes'): CommandFailure {
  return new CommandFailure(message, { exitCode: EXIT.usage, code: 'usage', hint });
}

/** What answers is not what was asked for: exit code 1. @param from its URL */
export function badAnswer(message: string, from: string): CommandFailure {
  return new CommandFailure(message, {
    code: 'bad_answer',
    hint: `is ${from} a Sworn control plane? check --control-plane`,
  });
}

/** What is wrong with a file, by the code of Node's error. */
const FILE_FAULTS: Readonly<Record<string, string>> = {
  ENOENT: 'there is no such file or directory',
  ENOTDIR: 'a part of its path is no directory',
  EEXIST: 'it is no directory',
  EISDIR: 'it is a directory',
  EACCES: 'its permissions do not allow it',
  EPERM: 'its permissions do not allow it',
  ENOSPC: 'there is no space left',
  EDQUOT: 'there is no space left for you',
  EFBIG: 'it may not be so large',
};

/** A failure of a file that an option names: exit code 2. @param what `read the policy file FILE` */
export function fileFailure(what: string, error: unknown): CommandFailure {
  const { code = '', message } = error as NodeJS.ErrnoException;
  return usageFailure(`cannot ${what}: ${FILE_FAULTS[code] ?? message}`, 'check the path');
}

/** A failure for what nobody foresaw: the system's words, never a stack trace. */
export function unexpectedFailure(error: unknown): CommandFailure {
  if (error instanceof CommandFailure) return error;
  return new CommandFailure(error instanceof Error ? error.message : String(error), { cause: error });
}
