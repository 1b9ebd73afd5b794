import { type FirstWord, firstWordFlags, NO_WORD } from './first-word.ts';

/** The kind of what is no plain word: any rule may have a value there. */
export const ANY_WORD = 0;

/** First words of values by what they are to the rules: words of which the same rules may have values are one kind. */
export class FirstWords {
  readonly #wanted: readonly (FirstWord | undefined)[];
  /** By kind one flag a rule: whether it may have a value that begins so. */
  readonly #rules: Uint8Array[] = [];
  readonly #kinds = new Map<string, number>();
  /** By flags of a word its kind: there are a few hundred. */
  readonly #known = new Map<number, number>();

  /** @param wanted of each rule what the first word of its values must be */
  constructor(wanted: readonly (FirstWord | undefined)[]) {
    this.#wanted = wanted;
    this.#intern(NO_WORD);
  }

  /** The kind of the word that begins at a place, of which nothing from `end` on is looked at. */
  kindAt(text: string, place: number, end: number): number {
    const flags = firstWordFlags(text, place, end);
    return flags === NO_WORD ? ANY_WORD : (this.#known.get(flags) ?? this.#intern(flags));
  }

  /** One flag a rule: whether it may have a value that begins with a word of the kind. */
  rulesOf(kind: number): Uint8Array {
    return this.#rules[kind] as Uint8Array;
  }

  #intern(flags: number): number {
    const rules = Uint8Array.from(this.#wanted, (first) =>
      first === undefined || flags === NO_WORD || first(flags) ? 1 : 0,
    );
    const key = rules.join('');
    const kind = this.#kinds.get(key) ?? this.#rules.push(rules) - 1;
    this.#kinds.set(key, kind);
    this.#known.set(flags, kind);
    return kind;
  }
}
