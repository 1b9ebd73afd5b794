import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { checkSecretHeaders, checkSpec, takesCredential } from '#core/upstream/check.ts';
import { Reason } from '#proto/sworn/error/v1/error_pb.ts';
import type { UpstreamSpec } from '#proto/sworn/upstream/v1/upstream_pb.ts';
import { parseCertificates } from '../../program/certificates.ts';
import { fail } from '../api/fail.ts';
import { parseHeaders, type Secrets } from './secrets.ts';

/** Visible ASCII: what may stand in a header, with no way to end it. */
const HEADER_VALUE = /^[\x21-\x7e]+$/;
/** RFC 7617: a user without a colon, then any password; here of printable ASCII. */
const USER_PASSWORD = /^[\x21-\x39\x3b-\x7e]+:[\x20-\x7e]+$/;

/** Whether a text can be sent as a key in a header. */
export function isCredential(text: string): boolean {
  return HEADER_VALUE.test(text);
}

/**
 * Checks an upstream with its secrets. Errors never quote a secret.
 * @throws ConnectError INVALID_ARGUMENT
 */
export function checkUpstream(spec: UpstreamSpec, secrets: Secrets): void {
  const [fault] = checkSpec(spec);
  if (fault !== undefined) throw invalid(`upstream.spec.${fault.field}`, fault.fault);
  checkCredential(spec, secrets);
  checkCertificates('upstream.spec.ca_certificates', spec.caCertificates);
  checkClientCertificate(spec, secrets);
  const names = parseHeaders(secrets.secretHeaders).map(({ name }) => name);
  const headerFault = checkSecretHeaders(spec, names);
  if (headerFault !== undefined) throw invalid('secret_headers', headerFault);
  if (secrets.proxyCredential === '') return;
  if (spec.proxyUrl === '') throw invalid('proxy_credential', 'is for an upstream with a proxy');
  if (!USER_PASSWORD.test(secrets.proxyCredential)) {
    throw invalid('proxy_credential', 'must be user:password in printable ASCII');
  }
}

function checkCredential(spec: UpstreamSpec, { credential }: Secrets): void {
  if (!takesCredential(spec)) {
    if (credential === '') return;
    throw invalid('credential', 'must not be given: this way of authentication takes none');
  }
  if (credential === '') throw invalid('credential', 'must be given');
  if (!isCredential(credential)) {
    throw invalid('credential', 'must be printable ASCII without spaces or line breaks');
  }
}

function checkClientCertificate({ clientCertificate }: UpstreamSpec, { clientKey }: Secrets): void {
  if (clientCertificate === '') {
    if (clientKey === '') return;
    throw invalid('client_key', 'goes with a client certificate');
  }
  const leaf = checkCertificates('upstream.spec.client_certificate', clientCertificate);
  if (clientKey === '') throw invalid('client_key', 'must be given with a client certificate');
  let matches: boolean;
  try {
    matches = leaf?.checkPrivateKey(createPrivateKey(clientKey)) ?? false;
  } catch {
    throw invalid('client_key', 'must be a PEM private key without a passphrase');
  }
  if (!matches) throw invalid('client_key', 'must be the key of the client certificate');
}

/** The first of the certificates. */
function checkCertificates(field: string, pem: string): X509Certificate | undefined {
  if (pem === '') return undefined;
  try {
    const [first] = parseCertificates(pem);
    if (!pem.includes('PRIVATE KEY')) return first;
  } catch {
    // Said below.
  }
  throw invalid(field, 'must be PEM certificates and nothing else');
}

/** @returns the error of a field that is wrong */
export function invalid(field: string, fault: string) {
  return fail(Reason.INVALID_ARGUMENT, `${field} ${fault}`, { [field]: fault });
}
