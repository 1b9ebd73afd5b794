import { stat } from 'node:fs/promises';
import { verifyBundle } from '#core/evidence/bundle/verify.ts';
import { EvidenceError } from '#core/evidence/error.ts';
import { formatNoteKey } from '#core/evidence/note/key.ts';
import { readLines } from '../../../evidence/lines.ts';
import { CommandFailure, EXIT, fileFailure, usageFailure } from '../../../failure.ts';
import type { Output } from '../../../output/output.ts';
import { createProgress } from '../../../output/progress.ts';
import type { VerifyCommandOptions } from './options.ts';
import { printReport } from './report.ts';
import { readTrust } from './trust.ts';

/** Verifies a bundle, with this machine alone. */
export async function verifyOffline(
  output: Output,
  path: string,
  options: VerifyCommandOptions,
): Promise<void> {
  const trust = await readTrust(options);
  const { size } = await stat(path).catch((error: unknown) => {
    throw fileFailure(`read ${path}`, error);
  });
  const progress = createProgress('verifying', size);
  let done = 0;
  try {
    const report = await verifyBundle(readLines(path), trust, (line) => {
      done += line.length;
      progress.at(done);
    });
    progress.end();
    const { manifest } = report;
    if (!manifest.complete && trust.kept.length > 0) {
      throw usageFailure('--checkpoint takes all records: this bundle has a part of them');
    }
    await printReport(output, report, {
      logKey: trust.logKey === undefined ? manifest.logKey : formatNoteKey(trust.logKey),
      isKeyGiven: trust.logKey !== undefined,
      isComplete: manifest.complete,
      hasPayloads: manifest.payloads,
      witnesses: trust.witnessKeys.map(({ name }) => name),
      isBundle: true,
      filter: manifest.filter,
    });
  } catch (error) {
    if (!(error instanceof EvidenceError)) throw error;
    throw new CommandFailure(`${path} is no bundle: ${error.message}`, {
      exitCode: EXIT.verificationFailed,
      code: 'bundle_malformed',
      hint: "a bundle is the file that 'sworn audit export --bundle FILE' writes",
    });
  } finally {
    progress.end();
  }
}
