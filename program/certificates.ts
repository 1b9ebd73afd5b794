import { X509Certificate } from 'node:crypto';

/** From the first mark of one on, so that a certificate that breaks off counts as broken, not as absent. */
const CERTIFICATE = /-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----[^-]*(?:-----END \1-----)?/g;

/**
 * The certificates of a PEM text, one at least. Node takes a text without any for an authority that vouches for nobody.
 * Throws Error with what is wrong, to be read after the name of the text: "has no …".
 */
export function parseCertificates(pem: string): [X509Certificate, ...X509Certificate[]] {
  const [first, ...others] = pem.match(CERTIFICATE) ?? [];
  if (first === undefined) throw new Error('has no certificate in PEM: -----BEGIN CERTIFICATE-----');
  try {
    return [new X509Certificate(first), ...others.map((block) => new X509Certificate(block))];
  } catch {
    throw new Error('has a certificate that is damaged');
  }
}
