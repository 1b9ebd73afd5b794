import { isSafeUrl } from '#core/endpoint/read.ts';
import type { SmtpPlace } from '../notification/channel/email.ts';

/** Of message submission, https://www.rfc-editor.org/rfc/rfc8314 */
const PORTS: Readonly<Record<string, number>> = { 'smtp:': 587, 'smtps:': 465 };
const ADDRESS = /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*$/;

/** What is wrong where one setting of e-mail is there without the other. */
export function checkMail(smtpUrl: unknown, mailFrom: unknown): string[] {
  if ((smtpUrl === undefined) === (mailFrom === undefined)) return [];
  return ['smtpUrl, mailFrom: one is of no use without the other'];
}

/** The SMTP server that the settings name, and what is wrong with each of them; no fault shows the password. */
export function readSmtp(
  smtpUrl: string | undefined,
  mailFrom: string | undefined,
): { readonly place: SmtpPlace | undefined; readonly faults: readonly string[] } {
  const url = smtpUrl !== undefined && URL.canParse(smtpUrl) ? new URL(smtpUrl) : undefined;
  const port = PORTS[url?.protocol ?? ''];
  const isPlain = url !== undefined && port !== undefined && url.hostname !== '' && url.search === '';
  const isAddress = mailFrom !== undefined && ADDRESS.test(mailFrom);
  const faults = [
    ...(isPlain || smtpUrl === undefined
      ? []
      : ['smtpUrl: the value is no smtp://user:password@host:port or smtps://…']),
    ...(isAddress || mailFrom === undefined ? [] : [`mailFrom: "${mailFrom}" is not an e-mail address`]),
  ];
  if (!isPlain || !isAddress) return { place: undefined, faults };
  const place = {
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? port : Number(url.port),
    isSecure: url.protocol === 'smtps:',
    user: decode(url.username),
    password: decode(url.password),
    from: mailFrom,
  };
  return { place, faults };
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
