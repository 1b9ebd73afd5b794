import type { IncomingMessage } from 'node:http';
import { GatewayError } from '#core/provider/openai/error.ts';

/** With it browsers send a key, since they cannot set headers. */
const KEY_PROTOCOL = 'openai-insecure-api-key.';
/** The one protocol that is spoken, and the only one that is ever named to a client. */
const PROTOCOL = 'realtime';
const VERSION = '13';
/** RFC 6455 section 4.1: 16 bytes in base64. */
const KEY = /^[+/0-9A-Za-z]{22}==$/;
/** A list of tokens of RFC 9110 section 5.6.2. */
const PROTOCOLS = /^[!#$%&'*+\-.^_`|~\w]+(?:[ \t]*,[ \t]*[!#$%&'*+\-.^_`|~\w]+)*$/;

/**
 * Checks that a request is a whole WebSocket handshake (RFC 6455 section 4.2.1) and nothing more.
 * Throws GatewayError `invalid_request`.
 */
export function requireHandshake({ headers }: IncomingMessage): void {
  if (headers['content-length'] !== undefined || headers['transfer-encoding'] !== undefined) {
    throw new GatewayError('invalid_request', 'A request for an upgrade has no body.');
  }
  if (headers['sec-websocket-version'] !== VERSION) {
    throw new GatewayError('invalid_request', `Only version ${VERSION} of WebSocket is spoken.`, {
      param: 'sec-websocket-version',
    });
  }
  if (!KEY.test(headers['sec-websocket-key'] ?? '')) {
    throw new GatewayError('invalid_request', 'Sec-WebSocket-Key is malformed.', {
      param: 'sec-websocket-key',
    });
  }
}

/**
 * The `Authorization` header that a handshake amounts to: its own, or the token that a browser sends as a protocol; that is
 * read here and goes nowhere else. Throws GatewayError `invalid_request` when a request says both, or one twice.
 */
export function readAuthorization({ headers }: IncomingMessage): string | undefined {
  const keys = readProtocols(headers['sec-websocket-protocol']).filter((name) =>
    name.startsWith(KEY_PROTOCOL),
  );
  const [key] = keys;
  if (key === undefined) return headers.authorization;
  if (keys.length > 1 || headers.authorization !== undefined) {
    throw new GatewayError('invalid_request', 'The request brings more than one token.');
  }
  return `Bearer ${key.slice(KEY_PROTOCOL.length)}`;
}

/** What of the protocols that a client offers is spoken; false for none. */
export function chooseProtocol(offered: ReadonlySet<string>): string | false {
  return offered.has(PROTOCOL) && PROTOCOL;
}

function readProtocols(header: string | undefined): string[] {
  if (header === undefined) return [];
  if (!PROTOCOLS.test(header)) {
    throw new GatewayError('invalid_request', 'Sec-WebSocket-Protocol is malformed.', {
      param: 'sec-websocket-protocol',
    });
  }
  return header.split(',').map((name) => name.trim());
}
