import type { Seal } from '../storage/seal.ts';
import type { SealedUpstream } from '../storage/upstreams.ts';

/** Visible ASCII: what may stand in an `authorization` header after `Bearer `, with no way to end the header. */
const HEADER_VALUE = /^[\x21-\x7e]+$/;

/** Whether a text can be sent as a bearer key. */
export function isCredential(text: string): boolean {
  return HEADER_VALUE.test(text);
}

/**
 * Seals a credential for one upstream and one base URL: who can write to the store can neither move it to another
 * upstream nor turn its upstream to a host of their own.
 */
export function sealCredential(seal: Seal, name: string, baseUrl: string, credential: string): Uint8Array {
  return seal.seal(Buffer.from(credential, 'utf8'), sealContext(name, baseUrl));
}

/**
 * The credential of a stored upstream.
 * @throws SealError when it was sealed for another upstream or base URL, or with another master key
 */
export function openCredential(seal: Seal, { upstream, sealedCredential }: SealedUpstream): string {
  const context = sealContext(upstream.name, upstream.spec?.baseUrl ?? '');
  return Buffer.from(seal.open(sealedCredential, context)).toString('utf8');
}

function sealContext(name: string, baseUrl: string): string {
  return `${name} credential for ${baseUrl}`;
}
