import type { IncomingMessage } from 'node:http';
import { GatewayError } from '#core/provider/openai/error.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import type { Exchange } from '../exchange.ts';
import type { Trail } from '../record/trail.ts';

/** With it a caller goes on at once where policy asks for an approval, and says why. */
const BREAK_GLASS_HEADER = 'x-sworn-break-glass';
const MAX_CHARACTERS = 500;

/**
 * Lets a caller go on without an approval who says why and is in a group that the rule names: the intent is flagged and has
 * the justification, sealed, and the control plane queues its review when it arrives. No control plane is needed for that. Where
 * no approval is asked for, or a grant is there, the header means nothing.
 *
 * @throws GatewayError `break_glass_invalid`, `break_glass_denied`
 */
export function noteBreakGlass({ arrival, caller, verdict }: Exchange, trail: Trail): void {
  if (verdict.decision.action !== Action.REQUIRE_APPROVAL || trail.known.grant !== undefined) return;
  const justification = readJustification(arrival.request);
  if (justification === undefined) return;
  trail.known.justification = justification;
  const { breakGlass: groups = [] } = verdict.approval ?? {};
  if (groups.length === 0) throw denied('the rule that asks for an approval has no break-glass');
  if (!caller.groups.some((group) => groups.includes(group))) {
    throw denied(`break-glass of this rule is for ${groups.join(' and ')}`);
  }
  trail.known.breakGlass = true;
}

/**
 * Refuses the header on a connection: it would stand for whatever is sent there later, and its words are for one request.
 * @throws GatewayError `break_glass_invalid`
 */
export function requireNoBreakGlass({ headers }: IncomingMessage): void {
  if (headers[BREAK_GLASS_HEADER] === undefined) return;
  throw invalid('is for one HTTP request, not for a connection: send what cannot wait as an HTTP request');
}

/**
 * What the header says; undefined without one. HTTP has bytes there (RFC 9110, 5.5): they are read as UTF-8, and as Latin-1
 * where they are none, since clients send either.
 * @throws GatewayError `break_glass_invalid`
 */
function readJustification({ rawHeaders }: IncomingMessage): string | undefined {
  // Node joins headers that come twice: whose words these are would be anybody's guess.
  const values = rawHeaders.filter(
    (_, i) => i % 2 === 1 && rawHeaders[i - 1]?.toLowerCase() === BREAK_GLASS_HEADER,
  );
  const [value] = values;
  if (value === undefined) return undefined;
  if (values.length > 1) throw invalid('came more than once');
  const text = decode(value).trim();
  const { length } = [...text];
  if (length === 0) throw invalid('is empty: it has to say why this cannot wait');
  if (length > MAX_CHARACTERS) throw invalid(`is longer than ${MAX_CHARACTERS} characters`);
  if (/\p{Cc}/u.test(text)) throw invalid('has control characters');
  return text;
}

function decode(value: string): string {
  const bytes = Buffer.from(value, 'latin1');
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return value;
  }
}

function invalid(why: string): GatewayError {
  return new GatewayError('break_glass_invalid', `X-Sworn-Break-Glass ${why}.`, {
    param: BREAK_GLASS_HEADER,
  });
}

function denied(why: string): GatewayError {
  const message = `X-Sworn-Break-Glass is refused: ${why}. Without it the request waits for a reviewer.`;
  return new GatewayError('break_glass_denied', message);
}
