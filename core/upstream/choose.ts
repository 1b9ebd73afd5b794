import { compileGlobs, type Matcher } from '#core/policy/glob.ts';
import type { UpstreamSpec } from '#proto/sworn/upstream/v1/upstream_pb.ts';

/** What there is to choose from. */
export interface Offer {
  /** `upstreams/{id}`. */
  readonly name: string;
  readonly spec?: UpstreamSpec | undefined;
}

/** What a request takes. */
export interface Wish {
  /** As policy has it: the last parts of names, in order; undefined where no policy says. */
  readonly allowed: readonly string[] | undefined;
  /** Empty when it names none: every upstream serves that. */
  readonly model: string;
}

/** The upstreams that may get a request, in the order in which they are tried; why, where there are none. */
export type Choice<T> =
  | { readonly candidates: readonly [T, ...T[]] }
  | { readonly candidates: readonly []; readonly why: string };

/** All upstreams of a snapshot, ready to be chosen from by a plane of one region. */
export class UpstreamTable<T extends Offer> {
  readonly #byName: ReadonlyMap<string, { readonly offer: T; readonly serves: Matcher }>;
  /** Those that are for this region. */
  readonly here: readonly T[];
  readonly #elsewhere: ReadonlySet<string>;
  readonly #default: string | undefined;
  readonly #region: string;

  /** @param region of this plane; an upstream with regions is for planes whose region fits, an empty one fits `*` alone */
  constructor(offers: readonly T[], region: string) {
    const here = offers.filter(({ spec }) => compileGlobs(spec?.regions ?? [])(region));
    this.here = here;
    this.#byName = new Map(
      here.map((offer) => [offer.name, { offer, serves: compileGlobs(offer.spec?.models ?? []) }]),
    );
    this.#elsewhere = new Set(offers.filter((offer) => !here.includes(offer)).map(({ name }) => name));
    this.#default = offers.find(({ spec }) => spec?.isDefault)?.name;
    this.#region = region;
  }

  /**
   * Those that policy allows, or the default one alone where it does not say, as far as they are for this plane's region and
   * serve the model.
   */
  choose({ allowed, model }: Wish): Choice<T> {
    const names = allowed?.map((id) => `upstreams/${id}`) ?? (this.#default ? [this.#default] : []);
    const [first, ...others] = names.flatMap((name) => {
      const entry = this.#byName.get(name);
      return entry !== undefined && (model === '' || entry.serves(model)) ? [entry.offer] : [];
    });
    if (first !== undefined) return { candidates: [first, ...others] };
    return { candidates: [], why: this.#explain(names) };
  }

  #explain(names: readonly string[]): string {
    if (names.length === 0) return "there is none. An admin adds one with 'sworn upstream create'";
    const region = this.#region === '' ? 'which has no region' : `in region ${this.#region}`;
    return names
      .map((name) => {
        const id = name.replace(/^upstreams\//, '');
        if (this.#elsewhere.has(name)) return `${id} is not for this plane, ${region}`;
        return this.#byName.has(name) ? `${id} does not serve this model` : `there is no ${id}`;
      })
      .join('; ');
  }
}

/**
 * What policies that apply allow together: what each that says names, in the order of the first; undefined where none says.
 * Empty where they have nothing in common.
 */
export function uniteUpstreams(said: readonly (readonly string[])[]): readonly string[] | undefined {
  const [first, ...others] = said.filter((names) => names.length > 0);
  return first?.filter((name) => others.every((names) => names.includes(name)));
}
