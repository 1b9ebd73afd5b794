/** How one error code reaches the caller. */
interface ErrorShape {
  /** HTTP status. */
  readonly status: number;
  /** The `type` of the provider's error shape. */
  readonly type: string;
  /** `x-should-retry`: both OpenAI SDKs obey it before they look at the status. */
  readonly retry: boolean;
  /** `retry-after`, in seconds, where it is known. */
  readonly retryAfterS?: number;
}

/**
 * Every code with which Sworn itself refuses a request; docs/errors.md explains each. What the provider
 * refuses keeps the provider's own status and code.
 */
export const ERRORS = {
  invalid_request: { status: 400, type: 'invalid_request_error', retry: false },
  body_too_large: { status: 413, type: 'invalid_request_error', retry: false },
  unsupported_encoding: { status: 415, type: 'invalid_request_error', retry: false },
  body_timeout: { status: 408, type: 'invalid_request_error', retry: true },
  missing_token: { status: 401, type: 'authentication_error', retry: false },
  invalid_token: { status: 401, type: 'authentication_error', retry: false },
  // The SDKs ask their token function again for each attempt, so a fresh token may come with the next.
  expired_token: { status: 401, type: 'authentication_error', retry: true },
  wrong_audience: { status: 401, type: 'authentication_error', retry: false },
  untrusted_issuer: { status: 401, type: 'authentication_error', retry: false },
  groups_missing: { status: 401, type: 'authentication_error', retry: false },
  unbound_token: { status: 401, type: 'authentication_error', retry: false },
  missing_proof: { status: 401, type: 'authentication_error', retry: false },
  invalid_proof: { status: 401, type: 'authentication_error', retry: false },
  // A proof is made for each attempt, so that the next one is new, and has the nonce of this answer.
  expired_proof: { status: 401, type: 'authentication_error', retry: true },
  use_dpop_nonce: { status: 401, type: 'authentication_error', retry: true },
  revoked: { status: 403, type: 'policy_denied', retry: false },
  rate_limit_exceeded: { status: 429, type: 'rate_limit_error', retry: true },
  // The type by which applications know that waiting a little does not help.
  budget_exhausted: { status: 429, type: 'insufficient_quota', retry: false },
  too_many_connections: { status: 429, type: 'rate_limit_error', retry: true },
  too_much_under_way: { status: 429, type: 'rate_limit_error', retry: true, retryAfterS: 5 },
  issuer_unavailable: { status: 503, type: 'service_unavailable', retry: true },
  unknown_route: { status: 404, type: 'invalid_request_error', retry: false },
  route_not_allowed: { status: 403, type: 'policy_denied', retry: false },
  no_policy: { status: 403, type: 'policy_denied', retry: false },
  policy_denied: { status: 403, type: 'policy_denied', retry: false },
  opaque_answer: { status: 403, type: 'policy_denied', retry: false },
  approval_denied: { status: 403, type: 'policy_denied', retry: false },
  approval_expired: { status: 403, type: 'policy_denied', retry: false },
  approval_pending: { status: 403, type: 'policy_denied', retry: false },
  approval_unavailable: { status: 503, type: 'service_unavailable', retry: true },
  break_glass_invalid: { status: 400, type: 'invalid_request_error', retry: false },
  break_glass_denied: { status: 403, type: 'policy_denied', retry: false },
  not_ready: { status: 503, type: 'service_unavailable', retry: true },
  draining: { status: 503, type: 'service_unavailable', retry: true },
  no_upstream: { status: 503, type: 'service_unavailable', retry: false },
  low_space: { status: 503, type: 'service_unavailable', retry: true },
  record_failed: { status: 503, type: 'service_unavailable', retry: true },
  detector_unavailable: { status: 503, type: 'service_unavailable', retry: true },
  upstream_busy: { status: 503, type: 'service_unavailable', retry: true, retryAfterS: 1 },
  upstream_unreachable: { status: 502, type: 'upstream_error', retry: true },
  upstream_timeout: { status: 504, type: 'upstream_error', retry: true },
  upstream_disconnected: { status: 502, type: 'upstream_error', retry: true },
  upstream_unreadable: { status: 502, type: 'upstream_error', retry: false },
  internal: { status: 503, type: 'service_unavailable', retry: false },
} as const satisfies Record<string, ErrorShape>;

/** The closed list of codes. */
export type ErrorCode = keyof typeof ERRORS;

/** A refusal by Sworn, with words for the caller that hold no content of the prompt or the answer. */
export class GatewayError extends Error {
  readonly code: ErrorCode;
  /** The part of the request that the error is about: `input[2].content`. */
  readonly param: string | undefined;
  readonly #retryAfterS: number | undefined;
  readonly #retry: boolean | undefined;

  /**
   * @param options.retryAfterS in which time it makes sense to ask again, in seconds, where this error knows it
   * @param options.retry whether SDKs should by themselves, where it is not as with others of the code
   */
  constructor(
    code: ErrorCode,
    message: string,
    options?: {
      readonly param?: string;
      readonly cause?: unknown;
      readonly retryAfterS?: number;
      readonly retry?: boolean;
    },
  ) {
    super(message, options?.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'GatewayError';
    this.code = code;
    // Of the body as a whole there is no part.
    this.param = options?.param || undefined;
    this.#retryAfterS = options?.retryAfterS;
    this.#retry = options?.retry;
  }

  get status(): number {
    return ERRORS[this.code].status;
  }

  get retry(): boolean {
    return this.#retry ?? ERRORS[this.code].retry;
  }

  get retryAfterS(): number | undefined {
    const shape: ErrorShape = ERRORS[this.code];
    return this.#retryAfterS ?? shape.retryAfterS;
  }
}

/**
 * The error in the provider's shape, which both OpenAI SDKs parse into their typed errors.
 * The record's id stands in the message, so that a person who reads only that can ask an auditor.
 */
export function formatError(error: GatewayError, record: string): string {
  return JSON.stringify({ error: describe(error, record) });
}

/**
 * The error as an SSE event for an answer that has already begun: nested, as the live API sends it, and
 * flat as well, because clients differ in which of the two they read.
 */
export function formatErrorEvent(error: GatewayError, record: string): string {
  return `event: error\ndata: ${JSON.stringify(errorEvent(error, record))}\n\n`;
}

/** As formatErrorEvent, without the frame of SSE: for a message, which may say more. */
export function errorEvent(error: GatewayError, record: string) {
  const nested = describe(error, record);
  const { message, code, param } = nested;
  return { type: 'error', error: nested, message, code, param };
}

/** A code as providers make them. It goes into the record, which has no room for text. */
const CODE_SHAPE = /^[a-z][a-z0-9_.-]{0,63}$/;

/**
 * A provider's error body, already masked, as the SSE event for an answer that has already begun.
 * A body without the provider's error shape becomes an error that says only that.
 */
export function formatProviderErrorEvent(body: Uint8Array): {
  readonly event: string;
  readonly code: string;
} {
  const { data, code } = providerErrorEvent(body);
  return { event: `event: error\ndata: ${JSON.stringify(data)}\n\n`, code };
}

/** As formatProviderErrorEvent, without the frame of SSE. */
export function providerErrorEvent(body: Uint8Array) {
  const nested = readErrorBody(body);
  const { message = 'The provider answered with an error.', code = null, param = null } = nested;
  return {
    data: { type: 'error', error: { ...nested, message }, message, code, param },
    code: typeof code === 'string' && CODE_SHAPE.test(code) ? code : 'upstream_error',
  };
}

function readErrorBody(body: Uint8Array): { message?: unknown; code?: unknown; param?: unknown } {
  try {
    const { error } = JSON.parse(Buffer.from(body).toString('utf8'));
    return typeof error === 'object' && error !== null ? error : {};
  } catch {
    return {};
  }
}

function describe(error: GatewayError, record: string) {
  return {
    message: `${error.message} (record ${record})`,
    type: ERRORS[error.code].type,
    code: error.code,
    param: error.param ?? null,
  };
}
