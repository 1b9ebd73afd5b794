import { EvidenceError } from '#core/evidence/error.ts';
import { readContent } from '#core/evidence/record/read.ts';
import { openPayload } from '#core/evidence/seal/open.ts';
import type { PayloadBinding } from '#core/evidence/seal/payload.ts';
import type { ContentKind } from '#core/evidence/verify/payload.ts';
import type { Payload } from '#proto/sworn/audit/v1/record_pb.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import { fail } from '../api/fail.ts';
import type { Context } from '../context.ts';
import { EvidenceKeyError } from '../evidence-key/provider.ts';
import { readSealed } from './sealed.ts';

/** Where content was found, and what it must therefore be. */
export interface SealedPlace extends PayloadBinding {
  readonly kind: ContentKind;
  /** For a person, when it does not open: the record or approval. */
  readonly resource: string;
}

/**
 * Opens content with the evidence key that it was sealed to. Only who has recorded the reading may call this.
 * @param bytes a serialised SealedPayload
 * @throws ConnectError EVIDENCE_KEY_UNAVAILABLE (metadata: evidenceKey), CONTENT_ALTERED (metadata: resource)
 */
export async function unseal(context: Context, bytes: Uint8Array, place: SealedPlace): Promise<Payload> {
  const { plane, exchange, kind, resource } = place;
  const sealed = readSealed(bytes);
  if (sealed === undefined) throw altered(resource, 'it is no sealed payload');
  const keys: Uint8Array[] = [];
  const unwrap = async (jwe: string): Promise<Uint8Array> => {
    const key = await context.evidenceKeys.unwrap(jwe);
    keys.push(key);
    return key;
  };
  try {
    const payload = readContent(await openPayload(sealed, unwrap, { plane, exchange, kind }));
    if (payload === undefined) throw altered(resource, 'it is no serialised Payload');
    if (payload.content.case !== kind) throw altered(resource, `it is no ${kind}`);
    return payload;
  } catch (error) {
    throw explain(error, resource);
  } finally {
    for (const key of keys) key.fill(0);
  }
}

/** The error for content that is not what was recorded. */
export function altered(resource: string, why: string): Error {
  return fail(Reason.CONTENT_ALTERED, `the content of ${resource} is not what was recorded: ${why}`, {
    resource,
  });
}

function explain(error: unknown, resource: string): unknown {
  if (!(error instanceof EvidenceError)) return error;
  const { cause } = error;
  if (cause instanceof EvidenceKeyError) {
    return fail(Reason.EVIDENCE_KEY_UNAVAILABLE, cause.message, { evidenceKey: cause.id, resource });
  }
  return error.code === 'wrong_key' && cause !== undefined ? cause : altered(resource, error.message);
}
