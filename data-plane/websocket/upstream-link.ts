import { GatewayError } from '#core/provider/openai/error.ts';
import type { UpstreamGrant } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import type { UpstreamLimits } from '../upstream/call.ts';
import { type DialRefusal, dial, isRefusal, type UpstreamSocket } from '../upstream/dial.ts';

/** Bytes in one message of a provider. */
const MAX_MESSAGE_BYTES = 60 * 1024 * 1024;

/** The connection to the provider that belongs to one of a caller. It is opened when something may go there. */
export class UpstreamLink {
  readonly #path: string;
  readonly #limits: UpstreamLimits;
  #grant: UpstreamGrant | undefined;
  #socket: UpstreamSocket | undefined;
  #endedWith: number | undefined;

  /** @param path with its query, as it is asked for at the provider */
  constructor(path: string, limits: UpstreamLimits) {
    this.#path = path;
    this.#limits = limits;
  }

  /** With which the provider has ended the connection last; undefined while it is open. */
  get closeCode(): number | undefined {
    return this.#socket?.closeCode ?? this.#endedWith;
  }

  /** The connection, while it is open. */
  get socket(): UpstreamSocket | undefined {
    return this.#socket?.closeCode === undefined ? this.#socket : undefined;
  }

  /**
   * The connection to this provider with this credential, as it is or a new one. Throws as `dial` does.
   * A provider that was replaced, or whose key was, is left.
   */
  async open(grant: UpstreamGrant, signal: AbortSignal): Promise<UpstreamSocket | DialRefusal> {
    if (this.isTo(grant) && this.socket !== undefined) return this.socket;
    this.close();
    const dialled = await dial(
      {
        url: urlOf(grant.baseUrl, this.#path),
        headers: { authorization: `Bearer ${grant.credential}`, 'user-agent': 'sworn' },
        connectTimeoutMs: this.#limits.connectTimeoutMs,
        idleTimeoutMs: this.#limits.idleTimeoutMs,
        maxMessageBytes: MAX_MESSAGE_BYTES,
      },
      signal,
    );
    if (isRefusal(dialled)) return dialled;
    this.#grant = grant;
    this.#endedWith = undefined;
    this.#socket = dialled;
    return dialled;
  }

  /** Whether the connection is to this provider with this credential. */
  isTo(grant: UpstreamGrant): boolean {
    return grant.baseUrl === this.#grant?.baseUrl && grant.credential === this.#grant.credential;
  }

  close(): void {
    this.#endedWith = this.closeCode;
    this.#socket?.close();
    this.#socket = undefined;
  }
}

function urlOf(baseUrl: string, path: string): URL {
  const base = new URL(baseUrl);
  const url = new URL(base.pathname.replace(/\/$/, '') + path, base);
  if (base.protocol === 'https:') url.protocol = 'wss:';
  else if (base.protocol === 'http:') url.protocol = 'ws:';
  else throw new GatewayError('no_upstream', 'The upstream has no address that a WebSocket could go to.');
  return url;
}
