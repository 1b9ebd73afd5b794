import { ERRORS } from '#core/provider/openai/error.ts';
import type { Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';

/** A request to the API, as far as it decides which answer it gets. */
export interface Request {
  readonly method: string;
  /** With its query, and with `/v1` or without. */
  readonly path: string;
  readonly body: Uint8Array;
}

/** What exchanges were answered, to be answered again. */
export class Recording {
  readonly #exchanges: readonly Exchange[];
  readonly #given = new Set<Exchange>();

  /** @param exchanges oldest first, with their content */
  constructor(exchanges: readonly Exchange[]) {
    this.#exchanges = exchanges;
  }

  /**
   * The exchange that answers a request: the first one of this method and path that has not been given yet, before all
   * others one of the same body. A recording of one exchange gives it again and again. Undefined when there is none.
   */
  take(request: Request): Exchange | undefined {
    const asked = this.#exchanges.filter(({ prompt }) => {
      return prompt?.method === request.method && bare(prompt.path) === bare(request.path);
    });
    if (this.#exchanges.length === 1) return asked[0];
    const left = asked.filter((exchange) => !this.#given.has(exchange));
    const same = left.find(({ prompt }) => prompt && Buffer.compare(prompt.body, request.body) === 0);
    const found = same ?? left[0];
    if (found !== undefined) this.#given.add(found);
    return found;
  }
}

/** The connection ended before the answer did: what was recorded is not all that there was to be. */
export function isCut({ outcome }: Exchange): boolean {
  return (
    outcome === undefined ||
    outcome.httpStatus === 0 ||
    outcome.status === OutcomeStatus.CLIENT_GONE ||
    (outcome.status === OutcomeStatus.INTERRUPTED && outcome.errorCode === '')
  );
}

/** The headers that clients of the API go by, as far as they are known of the answer. */
export function headersOf({ name, delivery, outcome }: Exchange): Record<string, string> {
  const code = outcome?.errorCode ?? '';
  const error = Object.hasOwn(ERRORS, code) ? ERRORS[code as keyof typeof ERRORS] : undefined;
  return {
    'content-type': delivery?.contentType ?? 'application/json',
    'x-request-id': name.replace(/^exchanges\//, ''),
    ...(error === undefined ? {} : { 'x-should-retry': String(error.retry) }),
  };
}

function bare(path: string): string {
  return path.startsWith('/v1/') ? path.slice('/v1'.length) : path;
}
