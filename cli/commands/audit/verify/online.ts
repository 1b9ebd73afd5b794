import { formatNoteKey } from '#core/evidence/note/key.ts';
import { createVerifier } from '#core/evidence/verify/verify.ts';
import { askLogKey } from '../../../evidence/keys.ts';
import { readEvidence } from '../../../evidence/read.ts';
import type { Invocation } from '../../../invocation.ts';
import { createProgress } from '../../../output/progress.ts';
import { readLists } from './lists.ts';
import type { VerifyCommandOptions } from './options.ts';
import { printReport } from './report.ts';
import { readTrust } from './trust.ts';

/** Verifies what a control plane has, all of it. */
export async function verifyOnline(invocation: Invocation, options: VerifyCommandOptions): Promise<void> {
  const given = await readTrust(options);
  const logKey = given.logKey ?? (await askLogKey(invocation));
  // Before the evidence: what these lists are from is then in it.
  const lists = await readLists(invocation);
  const { begin, size, items } = await readEvidence(
    invocation,
    { includePayloads: options.payloads, includeCheckpoints: true },
    {
      hasTiles: true,
      isWhole: true,
      onOther: (index) =>
        verifier.faults.add('leaf_altered', 'the log serves another entry than the record', { index }),
    },
  );
  const verifier = createVerifier({
    trust: { logKey, witnessKeys: given.witnessKeys },
    checkpoint: begin.checkpoint,
    isComplete: true,
    hasPayloads: options.payloads,
    receiptKey: begin.receiptKey,
    stored: { size: Number(begin.logSize), root: begin.logRoot },
    evidenceKeys: given.evidenceKeys,
    kept: given.kept,
  });
  if (begin.logKey !== formatNoteKey(logKey)) {
    verifier.faults.add('log_contradicted', 'the stored log has another name or key');
  }
  const progress = createProgress('verifying', size);
  try {
    for await (const item of items) {
      await verifier.add(item);
      if (item.kind !== 'record') continue;
      lists.addRecord(item, verifier.faults);
      progress.at(item.index);
    }
    await lists.finish(verifier.faults);
  } finally {
    progress.end();
  }
  await printReport(invocation.output, verifier.finish(), {
    logKey: formatNoteKey(logKey),
    isKeyGiven: given.logKey !== undefined,
    isComplete: true,
    hasPayloads: options.payloads,
    witnesses: given.witnessKeys.map(({ name }) => name),
    isBundle: false,
  });
}
