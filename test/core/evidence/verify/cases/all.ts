import type { Case } from '../changes.ts';
import { CHAIN } from './chain.ts';
import { HEADS } from './heads.ts';
import { PAYLOAD } from './payload.ts';
import { TREE } from './tree.ts';

/** Every case, with names for tests. */
export const CASES = ([...TREE, ...CHAIN, ...HEADS, ...PAYLOAD] satisfies Case[]).map(
  ([code, what, evidence, leaf]) => ({ code, what, evidence, leaf }),
);
