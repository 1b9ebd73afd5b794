import { writeSync } from 'node:fs';
import { type Command, CommanderError } from 'commander';
import { emptyCoreDumps } from '../program/memory/core-dumps.ts';
import { type CommandFailure, EXIT, unexpectedFailure, usageFailure } from './failure.ts';
import { OUTPUT_FORMATS, type OutputFormat } from './output/output.ts';
import { createProgram } from './program.ts';
import { renderFailure } from './report.ts';

/** Runs `sworn` with these arguments (without node and script) and sets the process's exit code. */
export async function run(args: readonly string[]): Promise<void> {
  endWithReader();
  // It shows prompts and answers, too. Elsewhere than on Linux this would take a process, and do nothing.
  if (process.platform === 'linux') emptyCoreDumps();
  let format: OutputFormat = 'table';
  let program: Command | undefined;
  try {
    program = await createProgram(args);
    program.on('option:output', (typed: string) => {
      format = OUTPUT_FORMATS.find((candidate) => candidate === typed) ?? 'table';
    });
    await program.parseAsync([...args], { from: 'user' });
  } catch (error) {
    const failure = toFailure(error, program?.args ?? []);
    if (failure === undefined) return;
    const { stderr } = process;
    stderr.write(renderFailure(failure, format, stderr.isTTY ? stderr.columns : undefined));
    process.exitCode = failure.exitCode;
  }
}

/** `sworn ... | head`: when the reader goes away there is nobody left to write for. */
function endWithReader(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(EXIT.ok);
      // Of stderr nobody can be told.
      if (stream === process.stdout)
        writeSync(process.stderr.fd, `sworn: cannot write the result: ${error.message}\n`);
      process.exit(EXIT.failure);
    });
  }
}

/** Undefined for help and version, which commander reports as errors too. */
function toFailure(error: unknown, operands: readonly string[]): CommandFailure | undefined {
  if (!(error instanceof CommanderError)) return unexpectedFailure(error);
  if (error.exitCode === 0) return undefined;
  // A noun without a verb, or `help` of what there is not: help has gone to stderr.
  if (error.code === 'commander.help') {
    const [last, before] = operands.toReversed();
    return usageFailure(before === 'help' ? `unknown command '${last}'` : 'a command is missing');
  }
  return usageFailure(error.message.replace(/^error: /, '').replace(' is invalid. ', ' is invalid: '));
}
