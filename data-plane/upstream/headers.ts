import type { UpstreamGrant } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { Authentication } from '#proto/sworn/upstream/v1/upstream_pb.ts';

/** The headers of requests to one upstream: names and values in turn, as undici takes them. */
export class RequestHeaders {
  readonly #fixed: readonly string[];
  /** By what requests bring and want, for the token that they were made with. */
  readonly #forms = new Map<string, string[]>();
  #token: string | undefined;

  constructor(grant: UpstreamGrant) {
    this.#fixed = fixedHeaders(grant);
  }

  /**
   * Those of a request; made once for each form.
   * @param token where the upstream takes one
   * @param type of the body; empty without one
   */
  form(token: string | undefined, type: string, accept: string): string[] {
    if (token !== this.#token) this.#forms.clear();
    this.#token = token;
    const key = `${accept} ${type}`;
    const known = this.#forms.get(key);
    if (known !== undefined) return known;
    const body = type === '' ? [] : ['content-type', type];
    const made = [...this.#with(token), 'accept', accept, 'accept-encoding', 'identity', ...body];
    // A type with a boundary of its own never comes again.
    if (!type.includes(';')) this.#forms.set(key, made);
    return made;
  }

  /** Those that are the same for all requests, by name. */
  record(token: string | undefined): Record<string, string> {
    const list = this.#with(token);
    const record: Record<string, string> = {};
    for (let i = 0; i + 1 < list.length; i += 2) record[list[i] ?? ''] = list[i + 1] ?? '';
    return record;
  }

  #with(token: string | undefined): readonly string[] {
    return token === undefined ? this.#fixed : ['authorization', `Bearer ${token}`, ...this.#fixed];
  }
}

/** Credential, where it is a key, and what the admin fixed. */
function fixedHeaders({ credential, spec, secretHeaders }: UpstreamGrant): string[] {
  const { authentication, organization = '', project = '', headers = [] } = spec ?? {};
  const fixed: string[] = [];
  if (authentication === Authentication.API_KEY) fixed.push('api-key', credential);
  if (!authentication || authentication === Authentication.BEARER) {
    fixed.push('authorization', `Bearer ${credential}`);
  }
  if (organization !== '') fixed.push('openai-organization', organization);
  if (project !== '') fixed.push('openai-project', project);
  const all = [...headers, ...secretHeaders];
  for (const { name, value } of all) fixed.push(name.toLowerCase(), value);
  if (!all.some(({ name }) => name.toLowerCase() === 'user-agent')) fixed.push('user-agent', 'sworn');
  return fixed;
}
