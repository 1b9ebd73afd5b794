import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';

/** A mail as it was handed over. */
export interface Mail {
  readonly from: string;
  readonly to: readonly string[];
  readonly data: string;
}

/** An SMTP server (RFC 5321) that keeps what it gets; it has AUTH PLAIN and no TLS. */
export interface SmtpServer {
  readonly port: number;
  readonly mails: Mail[];
  /** Every line that clients sent. */
  readonly lines: string[];
  /** What it says to a command instead of taking it; 'silence' says nothing. */
  answers: ReadonlyMap<string, string>;
  close(): Promise<void>;
}

export async function startSmtp(): Promise<SmtpServer> {
  const mails: Mail[] = [];
  const lines: string[] = [];
  const sockets = new Set<Socket>();
  const double = { port: 0, mails, lines, answers: new Map<string, string>() };
  const server = createServer(async (socket) => {
    sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => sockets.delete(socket));
    const say = (text: string): void => void socket.write(`${text}\r\n`);
    let mail = { from: '', to: [] as string[] };
    let data: string[] | undefined;
    say('220 mail.example.org ready');
    for await (const line of createInterface({ input: socket })) {
      lines.push(line);
      if (data !== undefined) {
        if (line !== '.') data.push(line);
        else {
          mails.push({ ...mail, data: data.join('\n') });
          data = undefined;
          say('250 taken');
        }
        continue;
      }
      const [verb = ''] = line.toUpperCase().split(/[ :]/);
      const answer = double.answers.get(verb);
      if (answer !== undefined) {
        if (answer !== 'silence') say(answer);
      } else if (verb === 'EHLO') say('250-mail.example.org\r\n250 AUTH PLAIN');
      else if (verb === 'AUTH') say('235 welcome');
      else if (verb === 'MAIL') {
        mail = { from: addressOf(line), to: [] };
        say('250 ok');
      } else if (verb === 'RCPT') {
        mail.to.push(addressOf(line));
        say('250 ok');
      } else if (verb === 'DATA') {
        data = [];
        say('354 go on');
      } else if (verb === 'QUIT') {
        say('221 bye');
        socket.end();
      } else say('502 unknown');
    }
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  double.port = (server.address() as AddressInfo).port;
  return Object.assign(double, {
    async close() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, 'close');
    },
  });
}

function addressOf(line: string): string {
  return /<(.*?)>/.exec(line)?.[1] ?? '';
}
