import { createHash } from 'node:crypto';
import { type MessageInitShape, toBinary } from '@bufbuild/protobuf';
import { GatewayError } from '#core/provider/openai/error.ts';
import { UpstreamTable, type Wish } from '#core/upstream/choose.ts';
import { type UpstreamHealthSchema, UpstreamState } from '#proto/sworn/plane/v1/plane_pb.ts';
import { type UpstreamGrant, UpstreamGrantSchema } from '#proto/sworn/plane/v1/snapshot_pb.ts';
import type { UpstreamAnswer } from './answer.ts';
import { ConnectFailure } from './connect.ts';
import { type DialRefusal, isRefusal, type UpstreamSocket } from './dial.ts';
import { explainFailure, UpstreamError } from './failure.ts';
import { Keepers } from './keepers.ts';
import { Upstream, type UpstreamLimits, type UpstreamRequest } from './upstream.ts';

export type { UpstreamAnswer, UpstreamLimits, UpstreamRequest };

/** What a plane brings along. */
export interface UpstreamsOptions {
  readonly limits: UpstreamLimits;
  /** Of this plane; empty for none. */
  readonly region: string;
  readonly workloadIdentityFile: string | undefined;
}

/** An upstream that was tried and has not acted on the request. */
export interface Attempt {
  readonly upstream: string;
  /** Empty when it answered. */
  readonly errorCode: string;
  /** 429 or 503; 0 when it did not answer. */
  readonly httpStatus: number;
}

/** Who may get a request, and whether another may instead. */
export interface Plan {
  /** Never empty; in the order in which they are tried. */
  readonly candidates: readonly UpstreamGrant[];
  /** The request refers to what one of them keeps: only the first of them may get it. */
  readonly bound: boolean;
}

/** What a request refers to that an upstream keeps. */
export interface Reference {
  /** It is about what is kept, or goes on from it. */
  readonly bound: boolean;
  /** Ids of it. */
  readonly ids: readonly (string | undefined)[];
}

/** What came of asking one upstream. */
interface Asked<A> {
  readonly answer: A;
  /** Of HTTP. */
  readonly status: number;
  /** Lets go of an answer that nobody gets. */
  readonly discard?: () => void;
}

/** Which says that the request was not taken up (RFC 9110 section 15.6.4, RFC 6585 section 4). */
const TURNED_AWAY = new Set([429, 503]);
/** So long after an upstream has gone from the configuration calls to it may still begin, and no longer. */
const RETIRE_MS = 30_000;

interface Known {
  readonly table: UpstreamTable<UpstreamGrant>;
  readonly keys: ReadonlyMap<UpstreamGrant, string>;
}

/** The upstreams of the configuration in force, which `apply` has to be told first. */
export class Upstreams {
  readonly #options: UpstreamsOptions;
  readonly #keepers = new Keepers();
  readonly #known = new WeakMap<readonly UpstreamGrant[], Known>();
  readonly #byKey = new Map<string, Upstream>();
  readonly #retiring = new Map<Upstream, NodeJS.Timeout>();
  #current: ReadonlySet<string> = new Set();

  constructor(options: UpstreamsOptions) {
    this.#options = options;
  }

  /** What is called from now on. What is no longer so ends: its connections, and with it its credential in memory. */
  apply(grants: readonly UpstreamGrant[]): void {
    this.#current = new Set(this.#take(grants).keys.values());
    for (const [key, upstream] of this.#byKey) {
      const timer = this.#retiring.get(upstream);
      if (this.#current.has(key)) {
        clearTimeout(timer);
        this.#retiring.delete(upstream);
      } else if (timer === undefined) {
        this.#retiring.set(upstream, setTimeout(() => this.#retire(key, upstream), RETIRE_MS).unref());
      }
    }
  }

  /**
   * Chooses from the upstreams of a snapshot. What refers to something that is kept goes to who keeps it, as far as that is
   * known here, otherwise to the first that is allowed.
   * Throws GatewayError `no_upstream`.
   */
  plan(grants: readonly UpstreamGrant[], wish: Wish, reference: Reference): Plan {
    const choice = this.#take(grants).table.choose(wish);
    const [first] = choice.candidates;
    if (first === undefined) {
      const why = 'why' in choice ? choice.why : '';
      throw new GatewayError('no_upstream', `No upstream can be called: ${why}.`);
    }
    if (!reference.bound) return { candidates: choice.candidates, bound: false };
    const keeper = this.#keepers.find(reference.ids);
    return {
      candidates: [choice.candidates.find(({ name }) => name === keeper) ?? first],
      bound: true,
    };
  }

  /**
   * Calls the first that takes the request. Another one is tried only where the one before has certainly not acted on it: it
   * could not be reached, had no place free, or answered 429 or 503. `onTry` is told of each before it is called, with
   * those that were tried before it, and says what it gets.
   * Throws what the last of them failed with.
   */
  call(
    grants: readonly UpstreamGrant[],
    plan: Plan,
    signal: AbortSignal,
    onTry: (grant: UpstreamGrant, before: readonly Attempt[]) => UpstreamRequest,
  ): Promise<UpstreamAnswer> {
    return this.#tryEach(grants, plan, signal, async (grant, before) => {
      const request = onTry(grant, before);
      const answer = await this.#open(grants, grant).call(request);
      return { answer, status: answer.status, discard: () => answer.discard() };
    });
  }

  /**
   * Opens a WebSocket to the first that takes it, as `call` calls: nothing of a caller is in a handshake. `onTry` says at which
   * path. Where all answer otherwise, that is the answer of the last.
   * Throws what the last of them failed with.
   *
   * @param maxMessageBytes in one message
   */
  dial(
    grants: readonly UpstreamGrant[],
    plan: Plan,
    maxMessageBytes: number,
    signal: AbortSignal,
    onTry: (grant: UpstreamGrant, before: readonly Attempt[]) => string,
  ): Promise<UpstreamSocket | DialRefusal> {
    return this.#tryEach(grants, plan, signal, async (grant, before) => {
      const path = onTry(grant, before);
      const answer = await this.#open(grants, grant).dial(path, maxMessageBytes, signal);
      return { answer, status: isRefusal(answer) ? answer.status : 0 };
    });
  }

  /** Takes a place for what is asked on a WebSocket; see Upstream.enter. */
  async enter(
    grants: readonly UpstreamGrant[],
    grant: UpstreamGrant,
    signal: AbortSignal,
  ): Promise<() => void> {
    return this.#open(grants, grant).enter(signal);
  }

  async #tryEach<A>(
    grants: readonly UpstreamGrant[],
    plan: Plan,
    signal: AbortSignal,
    ask: (grant: UpstreamGrant, before: readonly Attempt[]) => Promise<Asked<A>>,
  ): Promise<A> {
    const attempts: Attempt[] = [];
    const candidates = plan.candidates.length === 1 ? plan.candidates : this.#order(grants, plan.candidates);
    for (const [i, grant] of candidates.entries()) {
      const isLast = i === candidates.length - 1;
      try {
        const { answer, status, discard } = await ask(grant, [...attempts]);
        if (isLast || !TURNED_AWAY.has(status)) return answer;
        discard?.();
        attempts.push({ upstream: grant.name, errorCode: '', httpStatus: status });
      } catch (error) {
        const isUntouched = error instanceof UpstreamError && error.untouched;
        if (isLast || !isUntouched || signal.aborted) throw error;
        attempts.push({ upstream: grant.name, errorCode: error.code, httpStatus: 0 });
      }
    }
    throw new TypeError('a plan has a candidate');
  }

  /** Remembers who keeps what has this id. Where there is one upstream alone there is nothing to remember. */
  remember(id: string | undefined, name: string): void {
    if (id !== undefined && this.#current.size > 1) this.#keepers.remember(id, name);
  }

  /**
   * How this plane gets on with each upstream of a snapshot that is for it. Those of which nothing is known for a while are
   * looked at in the background, for the next report.
   */
  report(grants: readonly UpstreamGrant[]): MessageInitShape<typeof UpstreamHealthSchema>[] {
    return this.#take(grants).table.here.map((grant) => {
      try {
        const upstream = this.#open(grants, grant);
        void upstream.probe();
        return upstream.report();
      } catch (error) {
        const fault = error instanceof Error ? error.message : '';
        return { upstream: grant.name, state: UpstreamState.FAILS, fault };
      }
    });
  }

  /** Ends all connections; running calls are broken off. */
  async close(): Promise<void> {
    for (const timer of this.#retiring.values()) clearTimeout(timer);
    const upstreams = new Set([...this.#byKey.values(), ...this.#retiring.keys()]);
    await Promise.all([...upstreams].map((upstream) => upstream.close()));
  }

  /** Those that could not be reached a moment ago come last. */
  #order(grants: readonly UpstreamGrant[], candidates: readonly UpstreamGrant[]): readonly UpstreamGrant[] {
    const { keys } = this.#take(grants);
    const isAvoided = (grant: UpstreamGrant) =>
      this.#byKey.get(keys.get(grant) ?? '')?.health.avoided ?? false;
    return [...candidates.filter((grant) => !isAvoided(grant)), ...candidates.filter(isAvoided)];
  }

  #open(grants: readonly UpstreamGrant[], grant: UpstreamGrant): Upstream {
    const key = this.#take(grants).keys.get(grant) ?? '';
    const known = this.#byKey.get(key);
    if (known !== undefined) return known;
    const { limits, workloadIdentityFile } = this.#options;
    try {
      if (!this.#current.has(key)) {
        throw new ConnectFailure('its configuration has changed', undefined);
      }
      const upstream = new Upstream(grant, limits, workloadIdentityFile);
      this.#byKey.set(key, upstream);
      return upstream;
    } catch (cause) {
      throw explainFailure(grant.name, cause);
    }
  }

  #take(grants: readonly UpstreamGrant[]): Known {
    let known = this.#known.get(grants);
    if (known === undefined) {
      known = {
        table: new UpstreamTable(grants, this.#options.region),
        keys: new Map(grants.map((grant) => [grant, keyOf(grant)])),
      };
      this.#known.set(grants, known);
    }
    return known;
  }

  #retire(key: string, upstream: Upstream): void {
    this.#byKey.delete(key);
    upstream
      .retire()
      .catch(() => {})
      .finally(() => this.#retiring.delete(upstream));
  }
}

/** The same for two grants that are called in the same way. */
function keyOf(grant: UpstreamGrant): string {
  const spec = grant.spec && {
    ...grant.spec,
    isDefault: false,
    models: [],
    modelNames: [],
    regions: [],
    prices: [],
  };
  const bytes = toBinary(UpstreamGrantSchema, { ...grant, ...(spec && { spec }) });
  return createHash('sha256').update(bytes).digest('base64');
}
