import type { Masker } from '#core/phi/mask.ts';
import type { FindValue } from '#core/phi/token/restore.ts';
import type { TokenEntry, TokenMap } from '#core/phi/token/token-map.ts';
import type { ModelRequest } from '#core/provider/openai/request/request.ts';

/** The body with tokens, and of a form its parts; what else policy changes in it is not changed yet. */
export type Replaced = Pick<ModelRequest, 'outgoing' | 'parts'>;

/** What became of a request of which policy wants values replaced. */
export interface Tokenized extends Replaced {
  /** What stands for what in it. */
  readonly entries: readonly TokenEntry[];
  /** The values of its session. */
  readonly map: TokenMap;
  /** What a token stands for, where the caller may get that; undefined where they get none. */
  readonly find: FindValue | undefined;
  /** Puts values where their tokens stand in the answer; undefined where the caller gets none. */
  readonly restorer: Masker | undefined;
}
