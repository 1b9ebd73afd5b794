/** What a token is by itself: a word, a figure with what is joined to it, or a single sign. */
export interface Lexeme {
  /** By which it is remembered; NO_NUMBER when it is not. What was remembered may be forgotten again: ask `Lexemes.placeOf`. */
  number: number;
  /** Of its units, capitals and digits folded. */
  hash: number;
  /** A hash of its capitals, small letters and digits in a row. */
  shape: number;
  /** A hash of what the lists know of a word, of that it is a figure, or of which sign it is. */
  kind: number;
  /** What the lists know of a word: the flags of the lexicon, which are lower than all of these. */
  traits: number;
}

/** Traits. Never an identifier by itself. */
export const SIGN = 1 << 24;
export const FIGURE = 1 << 25;
/** An ordinary word in small letters, and nothing that anybody or a place is called. */
export const PLAIN = 1 << 26;
/** A single letter, or several with a full stop between any two. */
export const INITIALS = 1 << 27;
/** Nothing: in front of a text and behind it. */
export const EDGE = 1 << 28;
/** What the lists know. */
export const FLAGS = SIGN - 1;

export const NO_NUMBER = -1;
/** Of what is nothing; nobody else's, and never forgotten. */
export const EDGE_NUMBER = (1 << 30) + 1;
