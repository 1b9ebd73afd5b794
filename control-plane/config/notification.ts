import { isSafeUrl } from '#core/endpoint/read.ts';
import type { SmtpPlace } from '../notification/channel/email.ts';

/** Of message submission, https://www.rfc-editor.org/rfc/rfc8314 */
const PORTS: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 };
const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/;

/** The SMTP server that the settings name, and what is wrong with them; no fault shows the password. */
export function readSmtp(
  smtpUrl: string | undefined,
  mailFrom: string | undefined,
): { readonly place: SmtpPlace | undefined; readonly faults: readonly string[] } {
  if (smtpUrl === undefined && mailFrom === undefined) return { place: undefined, faults: [] };
  if (smtpUrl === undefined || mailFrom === undefined) {
    return { place: undefined, faults: ['smtpUrl, mailFrom: one is of no use without the other'] };
  }
  const url = URL.canParse(smtpUrl) ? new URL(smtpUrl) : undefined;
  const port = PORTS[url?.protocol ?? ''];
  const isPlain = url !== undefined && port !== undefined && url.hostname !== '' && url.search === '';
  const faults = [
    ...(isPlain ? [] : ['smtpUrl: the value is no smtp://user:password@host:port or smtps://…']),
    ...(ADDRESS.test(mailFrom) ? [] : [`mailFrom: "${mailFrom}" is not an e-mail address`]),
  ];
  if (url === undefined || port === undefined || faults.length > 0) return { place: undefined, faults };
  const place = {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? port : Number(url.port),
    isSecure: url.protocol === 'smtps:',
    user: decode(url.username),
    password: decode(url.password),
    from: mailFrom,
  };
  return { place, faults: [] };
}

/** A % that begins no escape stands for itself. */
function decode(text: string): string {
  return text.replace(/(%[0-9a-f]{2})+/gi, (escaped) =>
    Buffer.from(escaped.replaceAll('%', ''), 'hex').toString(),
  );
}

/** What is wrong with the template of links. */
export function checkConsoleUrl(consoleUrl: string | undefined): string[] {
  if (consoleUrl === undefined) return [];
  const sample = consoleUrl.replaceAll('{name}', 'approvals/1');
  if (URL.canParse(sample) && isSafeUrl(new URL(sample)) && sample !== consoleUrl) return [];
  return [`consoleUrl: "${consoleUrl}" is not an https URL with {name} in it`];
}
