import { equals } from '@bufbuild/protobuf';
import { type UpstreamGrant, UpstreamGrantSchema } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { MAX_CONTENT_BYTES } from '../record/size.ts';
import type { Plan, Upstreams } from '../upstream/call.ts';
import { type DialRefusal, dial, isRefusal, type UpstreamSocket } from '../upstream/dial.ts';

/** The connection to the provider that belongs to one of a caller. It is opened when something may go there. */
export class UpstreamLink {
  readonly #pathFor: (grant: UpstreamGrant) => string;
  #grant: UpstreamGrant | undefined;
  #socket: UpstreamSocket | undefined;
  #endedWith: number | undefined;

  /** @param pathFor path with its query, as it is asked for at a provider */
  constructor(pathFor: (grant: UpstreamGrant) => string) {
    this.#pathFor = pathFor;
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
   * The connection to one of a plan: as it is, or a new one to the first of them. Throws as `dial` does.
   * A provider that was replaced, or whose key was, is left.
   */
  async open(
    upstreams: Upstreams,
    grants: readonly UpstreamGrant[],
    plan: Plan,
    signal: AbortSignal,
  ): Promise<UpstreamSocket | DialRefusal> {
    if (this.isTo(plan) && this.socket !== undefined) return this.socket;
    this.close();
    const options = await upstreams.dialOptions(grants, plan, this.#pathFor, signal);
    const dialled = await dial({ ...options, maxMessageBytes: MAX_CONTENT_BYTES }, signal);
    if (isRefusal(dialled)) return dialled;
    [this.#grant] = plan.candidates;
    this.#endedWith = undefined;
    this.#socket = dialled;
    return dialled;
  }

  /** The one of a plan that the connection is to, or is about to be. */
  grantOf(plan: Plan): UpstreamGrant | undefined {
    return this.isTo(plan) && this.socket !== undefined ? this.#grant : plan.candidates[0];
  }

  /** Whether the connection is to one of these providers, with the credential and settings that it has now. */
  isTo({ candidates }: Plan): boolean {
    const mine = this.#grant;
    return mine !== undefined && candidates.some((grant) => equals(UpstreamGrantSchema, grant, mine));
  }

  close(): void {
    this.#endedWith = this.closeCode;
    this.#socket?.close();
    this.#socket = undefined;
  }
}
