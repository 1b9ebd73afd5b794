import { CommandFailure, EXIT } from '../../failure.ts';

/** Input that is not what the command takes: exit code 2. The message never quotes the input, which may be PHI. */
export function inputFailure(message: string, hint: string): CommandFailure {
  return new CommandFailure(message, { exitCode: EXIT.usage, code: 'bad_input', hint });
}

/**
 * Runs the detector. What it throws ends the command in words of ours: those of the error might quote the text.
 *
 * @param place where in the input: `line 3`
 */
export function detecting<T>(place: string, run: () => T): T {
  try {
    return run();
  } catch (cause) {
    throw new CommandFailure(`${place}: the detector failed`, {
      code: 'detector_failed',
      hint: 'nothing from there on was written',
      cause,
    });
  }
}
