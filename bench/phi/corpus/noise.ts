import type { Random } from './random.ts';
import type { Piece } from './text.ts';

type Noise = (pieces: readonly Piece[], random: Random) => readonly Piece[];

const HAS_DIGIT = /\d/;

const mapText = (pieces: readonly Piece[], change: (text: string) => string): Piece[] =>
  pieces.map((piece) => ({ ...piece, text: change(piece.text) }));

const upperCase: Noise = (pieces) => mapText(pieces, (text) => text.toUpperCase());
/** As people type who are in a hurry; codes are pasted. */
const lowerCase: Noise = (pieces) =>
  mapText(pieces, (text) => (HAS_DIGIT.test(text) ? text : text.toLowerCase()));
const crlf: Noise = (pieces) => mapText(pieces, (text) => text.replaceAll('\n', '\r\n'));
const doubleSpaces: Noise = (pieces) =>
  pieces.map((piece) =>
    piece.entity === undefined ? { ...piece, text: piece.text.replace(/(?<=\w{3})\. /g, '.  ') } : piece,
  );
const bullets: Noise = (pieces, random) => {
  const bullet = random.pick(['- ', '* ', '• ', '   ']);
  return mapText(pieces, (text) => text.replaceAll('\n', `\n${bullet}`));
};

/** What a line may end in the middle of; codes stay together. */
const BREAKABLE: ReadonlySet<string | undefined> = new Set([
  undefined,
  'PERSON',
  'ORGANIZATION',
  'STREET_ADDRESS',
  'CITY',
  'DATE',
  'DATE_OF_BIRTH',
]);

/** Breaks lines where a terminal of that width would, names and addresses included. */
const wrap: Noise = (pieces, random) => {
  const width = random.integer(50, 80);
  let column = 0;
  return pieces.map((piece) => ({
    ...piece,
    text: piece.text.replace(/\n| |[^\n ]+/g, (part) => {
      if (part === '\n' || (part === ' ' && column >= width && BREAKABLE.has(piece.entity))) {
        column = 0;
        return '\n';
      }
      column += part.length;
      return part;
    }),
  }));
};

const BY_KIND: Readonly<Record<string, readonly Noise[]>> = {
  note: [upperCase, wrap, wrap, crlf, doubleSpaces, bullets],
  letter: [wrap, wrap, crlf, doubleSpaces],
  query: [lowerCase, lowerCase, upperCase, wrap],
  chat: [lowerCase, lowerCase, doubleSpaces],
  table: [upperCase, crlf],
};
const NOISY_SHARE = 0.4;

/** Now and then writes a text as systems and people in a hurry do. */
export function disturb(pieces: readonly Piece[], kind: string, random: Random): readonly Piece[] {
  const noises = BY_KIND[kind];
  return noises === undefined || !random.chance(NOISY_SHARE) ? pieces : random.pick(noises)(pieces, random);
}
