import type { Prompt, Record } from '#proto/sworn/audit/v1/record_pb.ts';
import { verifyCommitment } from './commit.ts';

/**
 * Verifies that a record commits to this prompt: to what the caller sent and, where values were replaced by tokens, to what went
 * to the provider.
 * @param key the payload's commitment key
 * @throws EvidenceError malformed, altered
 */
export function verifyPrompt(
  record: Pick<Record, 'promptCommitment' | 'sentCommitment'>,
  key: Uint8Array,
  { body, sent }: Pick<Prompt, 'body' | 'sent'>,
): void {
  verifyCommitment(record.promptCommitment, key, 'prompt', body);
  if (record.sentCommitment.length > 0 || sent.length > 0)
    verifyCommitment(record.sentCommitment, key, 'sent', sent);
}
