import { Http2SessionManager } from '@connectrpc/connect-node';

/**
 * The connection of a Connect client over HTTP/2, ended by `abort`. Errors of a session that nobody hears, or that its timers
 * throw, end the process; here the failed call alone reports them.
 */
export class Http2Sessions extends Http2SessionManager {
  readonly #tamed = new WeakSet<object>();

  override async request(...call: Parameters<Http2SessionManager['request']>) {
    const stream = await super.request(...call);
    const { session } = stream;
    if (session !== undefined && !this.#tamed.has(session)) {
      this.#tamed.add(session);
      // A GOAWAY on an idle connection followed by a request (https://github.com/connectrpc/connect-es/issues/1768).
      session.on('error', () => undefined);
      // A stream that closes after its session arms the timer of pings anew, and `ping` throws on a session that is gone
      // (https://github.com/connectrpc/connect-es/issues/1795).
      const { ping } = session;
      session.ping = (...args: unknown[]) => !session.destroyed && Reflect.apply(ping, session, args);
    }
    return stream;
  }
}
