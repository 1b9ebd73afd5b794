import { PatternError } from './error.ts';

/** A cursor over a pattern's source. Positions are UTF-16 offsets. */
export interface Reader {
  readonly position: number;
  readonly done: boolean;
  at(character: string): boolean;
  /** The next code point as text; empty at the end. */
  peek(): string;
  rest(length: number): string;
  /** Reads the next code point. Throws PatternError at the end. */
  next(): number;
  /** Takes a letter or digit of ASCII or a space, which stand for themselves and begin nothing else; -1 for anything else. */
  takePlain(): number;
  /** Takes a character of one unit if it is the next. */
  take(character: string): boolean;
  takeText(text: string): boolean;
  /** Reads what a sticky expression of this module's own matches here. */
  match(expression: RegExp): RegExpExecArray | undefined;
  back(position: number): void;
  fault(message: string): PatternError;
}

/** A reader at the start of the source. */
export function createReader(source: string): Reader {
  let position = 0;
  const reader: Reader = {
    get position() {
      return position;
    },
    get done() {
      return position >= source.length;
    },
    at: (character) => source[position] === character,
    peek: () => {
      const c = source.codePointAt(position);
      return c === undefined ? '' : String.fromCodePoint(c);
    },
    rest: (length) => source.slice(position, position + length),
    next: () => {
      const c = source.codePointAt(position);
      if (c === undefined) throw reader.fault('the pattern ends too early');
      position += c > 0xffff ? 2 : 1;
      return c;
    },
    takePlain: () => {
      const unit = source.charCodeAt(position);
      if (!isPlain(unit)) return -1;
      position += 1;
      return unit;
    },
    take: (character) => {
      if (source[position] !== character) return false;
      position += 1;
      return true;
    },
    takeText: (text) => {
      if (!source.startsWith(text, position)) return false;
      position += text.length;
      return true;
    },
    match: (expression) => {
      expression.lastIndex = position;
      const found = expression.exec(source) ?? undefined;
      if (found !== undefined) position += found[0].length;
      return found;
    },
    back: (to) => {
      position = to;
    },
    fault: (message) => new PatternError(message, position),
  };
  return reader;
}

function isPlain(unit: number): boolean {
  return (
    (unit >= 0x61 && unit <= 0x7a) ||
    (unit >= 0x41 && unit <= 0x5a) ||
    (unit >= 0x30 && unit <= 0x39) ||
    unit === 0x20
  );
}
