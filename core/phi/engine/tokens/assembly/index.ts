/*
 * The loop over the tokens of a text, in AssemblyScript: `npm run phi:compile` makes WebAssembly of it, which is kept in
 * core/phi/compiled. A plain text costs little else than this loop, and JavaScript has no integers of 64 bits to hold a word in.
 *
 * `../loop.ts` fills its memory and calls it, `../memo.ts` knows what tokens and slots are, and `../../automaton/automaton.ts` makes
 * the tables of states. Places are those of the text that is here.
 */
export { divide, spread } from './divide';
export * from './layout';
export { read, setLimits } from './read';
export { setRowShift } from './states';
