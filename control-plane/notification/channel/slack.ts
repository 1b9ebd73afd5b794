import type { Message } from '../message.ts';
import type { Poster } from './post.ts';

/** Posts to an incoming webhook: https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks */
export async function postSlack(
  poster: Poster,
  url: URL,
  message: Message,
  signal: AbortSignal,
): Promise<void> {
  await poster.post(url, JSON.stringify({ text: formatSlack(message) }), {}, signal);
}

function formatSlack({ subject, lines, link, command }: Message): string {
  const [first = '', ...rest] = lines;
  const head = link === undefined ? escapeText(first) : `<${escapeText(link)}|${escapeText(first)}>`;
  return [`*${escapeText(subject)}*`, head, ...rest.map(escapeText), `\`${escapeText(command)}\``].join('\n');
}

/** https://docs.slack.dev/messaging/formatting-message-text#escaping */
function escapeText(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
