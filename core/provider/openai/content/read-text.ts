import { decodeJsonText } from '../json.ts';

const LINE = /[^\r\n]*(?:\r\n|\r|\n)?/g;
const ESCAPE = /\\u([0-9a-fA-F]{4})/g;

/**
 * The text of a file as a reader of it sees it: JSON, as a whole or line by line, with its escapes resolved. Of what is no JSON,
 * or more of it than is taken apart here, the escapes are resolved wherever they stand, beside the text as it is.
 */
export function readFileText(text: string): string {
  const whole = decodeJsonText(text);
  if (whole !== undefined || !text.includes('\\')) return whole ?? text;
  const lines = text.replace(LINE, (line) => decodeJsonText(line.trimEnd()) ?? line);
  const loose = lines.replace(ESCAPE, (_, digits: string) =>
    String.fromCharCode(Number.parseInt(digits, 16)),
  );
  return loose === lines ? lines : `${lines}\n${loose}`;
}
