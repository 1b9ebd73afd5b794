import { once } from 'node:events';
import { connect } from 'node:net';
import { createTransport } from 'nodemailer';
import { isLoopback } from '#core/endpoint/read.ts';
import type { NotificationDocument } from '../../storage/approval/notifications.ts';
import { DeliveryError } from '../error.ts';
import type { Message } from '../message.ts';

/** The SMTP server that mail goes by. */
export interface SmtpPlace {
  readonly host: string;
  readonly port: number;
  /** TLS from the first byte; otherwise by STARTTLS, which is required but on loopback. */
  readonly isSecure: boolean;
  readonly user: string;
  readonly password: string;
  /** The address that mail comes from. */
  readonly from: string;
}

/**
 * Sends one mail to one address. Its message id is the same at every attempt, so that mail systems can drop what came twice.
 * @throws DeliveryError, or the connection's error
 */
export async function sendEmail(
  place: SmtpPlace,
  notification: NotificationDocument,
  message: Message,
  signal: AbortSignal,
): Promise<void> {
  const id = notification._id.slice('notifications/'.length);
  const { host, port, isSecure, user, password, from } = place;
  // The connection is ours, so that whatever the server does it can be cut.
  const socket = connect({ host, port });
  const cut = (): void => void socket.destroy(new DOMException('no answer in time', 'TimeoutError'));
  signal.addEventListener('abort', cut);
  socket.on('error', () => undefined);
  try {
    signal.throwIfAborted();
    await once(socket, 'connect', { signal });
    const transport = createTransport({
      host,
      port,
      connection: socket,
      secure: isSecure,
      requireTLS: !isSecure && !isLoopback(host),
      ...(user !== '' && { auth: { user, pass: password } }),
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    const sent = transport.sendMail({
      from,
      to: notification.recipient,
      subject: `Sworn: ${message.subject}`,
      text: formatMail(message),
      messageId: `<${id}@${from.slice(from.lastIndexOf('@') + 1)}>`,
      headers: { 'Auto-Submitted': 'auto-generated' },
    });
    await Promise.race([sent, once(signal, 'abort').then(() => signal.throwIfAborted())]);
  } catch (error) {
    signal.throwIfAborted();
    throw explain(error);
  } finally {
    signal.removeEventListener('abort', cut);
    socket.destroy();
  }
}

function formatMail({ subject, lines, link, command }: Message): string {
  return `${[subject, '', ...lines, '', ...(link === undefined ? [] : [link]), command].join('\n')}\n`;
}

/** A code of SMTP says more than the one that the library gives; an address that is refused stays refused. */
function explain(error: unknown): unknown {
  if (!(error instanceof Error) || !('responseCode' in error)) return error;
  const { responseCode } = error;
  if (typeof responseCode !== 'number') return error;
  const isFinal = responseCode >= 550 && 'command' in error && error.command === 'RCPT TO';
  return new DeliveryError(`SMTP ${responseCode}`, { isFinal });
}
