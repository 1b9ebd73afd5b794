import { equals } from '@bufbuild/protobuf';
import { type UpstreamGrant, UpstreamGrantSchema } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import { MAX_CONTENT_BYTES } from '../record/size.ts';
import type { Attempt, Plan, Upstreams } from '../upstream/call.ts';
import { type DialRefusal, isRefusal, type UpstreamSocket } from '../upstream/dial.ts';

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
   * The connection to one of a plan: as it is, or a new one, for which they are tried as Upstreams.dial does, and throws. `onTry`
   * is told of each, with those before it. A provider that was replaced, or whose key was, is left.
   */
  async open(
    upstreams: Upstreams,
    grants: readonly UpstreamGrant[],
    plan: Plan,
    signal: AbortSignal,
    onTry: (grant: UpstreamGrant, before: readonly Attempt[]) => void,
  ): Promise<UpstreamSocket | DialRefusal> {
    const same = this.#sameIn(plan);
    if (same !== undefined && this.socket !== undefined) {
      this.#grant = same;
      onTry(same, []);
      return this.socket;
    }
    this.close();
    let tried: UpstreamGrant | undefined;
    const dialled = await upstreams.dial(grants, plan, MAX_CONTENT_BYTES, signal, (grant, before) => {
      tried = grant;
      onTry(grant, before);
      return this.#pathFor(grant);
    });
    if (isRefusal(dialled)) return dialled;
    this.#grant = tried;
    this.#endedWith = undefined;
    this.#socket = dialled;
    return dialled;
  }

  /** To whom the connection is, or was last: of the plan that it was last opened with. */
  get grant(): UpstreamGrant | undefined {
    return this.#grant;
  }

  /** Whether the connection is to one of these providers, with the credential and settings that it has now. */
  isTo(plan: Plan): boolean {
    return this.#sameIn(plan) !== undefined;
  }

  #sameIn({ candidates }: Plan): UpstreamGrant | undefined {
    const mine = this.#grant;
    return mine && candidates.find((grant) => equals(UpstreamGrantSchema, grant, mine));
  }

  close(): void {
    this.#endedWith = this.closeCode;
    this.#socket?.close();
    this.#socket = undefined;
  }
}
