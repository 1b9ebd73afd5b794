import { createReadStream } from 'node:fs';
import { CommandFailure, EXIT, fileFailure } from '../failure.ts';

/** A record with a payload of 64 MiB in base64, and more. */
const MAX_LINE_BYTES = 128 * 1024 * 1024;
const NEWLINE = 0x0a;

/**
 * The lines of a file, byte for byte, with their newlines, read as they are taken; a last line may have none.
 * @throws CommandFailure usage when it cannot be read; bundle_malformed for a line over 128 MiB
 */
export async function* readLines(path: string): AsyncGenerator<Uint8Array> {
  const stream = createReadStream(path, { highWaterMark: 1024 * 1024 });
  let pending: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      let begin = 0;
      for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, begin)) {
        yield Buffer.concat([...pending, chunk.subarray(begin, at + 1)]);
        pending = [];
        length = 0;
        begin = at + 1;
      }
      pending.push(chunk.subarray(begin));
      length += chunk.length - begin;
      if (length > MAX_LINE_BYTES) throw tooLong(path);
    }
  } catch (error) {
    const { code, syscall } = error as NodeJS.ErrnoException;
    if (code !== undefined && syscall !== undefined) throw fileFailure(`read ${path}`, error);
    throw error;
  }
  if (length > 0) yield Buffer.concat(pending);
}

function tooLong(path: string): CommandFailure {
  return new CommandFailure(`${path} is no bundle: it has a line over ${MAX_LINE_BYTES} bytes`, {
    exitCode: EXIT.verificationFailed,
    code: 'bundle_malformed',
  });
}
