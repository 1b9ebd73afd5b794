import { Lexer } from 'yaml';

const MAX_YAML_CHARS = 1024 * 1024;
const MAX_TOKENS = 200_000;
const MAX_DOCUMENTS = 500;
const MAX_FLOW_DEPTH = 32;
const MAX_INDENT_CHARS = 200;
/** `- - - x` opens a level with each mark. */
const MAX_MARKS_PER_LINE = 32;

/** The lexer's own marks for document, block end and scalar; they are not in the text. */
const KIND_MARKS: ReadonlySet<string> = new Set(['\u0002', '\u0018', '\u001f']);

/** A text that is not even given to the YAML parser. */
export interface Excess {
  readonly offset: number;
  readonly message: string;
}

/**
 * Looks through a text for what would make a YAML parser run long or deep. The parser descends once a level
 * and is slow on very many tokens; the lexer reads in one pass, so it goes first.
 */
export function findExcess(text: string): Excess | undefined {
  if (text.length > MAX_YAML_CHARS) {
    return { offset: 0, message: `the text has more than ${MAX_YAML_CHARS} characters` };
  }
  let [offset, tokens, documents, depth, marks] = [0, 0, 0, 0, 0];
  let isLineStart = true;
  for (const token of new Lexer().lex(text)) {
    tokens += 1;
    if (token === '[' || token === '{') depth += 1;
    else if (token === ']' || token === '}') depth -= 1;
    else if (token === '-' || token === '?') marks += 1;
    else if (token === '---') documents += 1;
    else if (token.includes('\n')) marks = 0;
    if (depth > MAX_FLOW_DEPTH || marks > MAX_MARKS_PER_LINE) return { offset, message: 'nested too deep' };
    if (isLineStart && /^[ \t]/.test(token) && token.length > MAX_INDENT_CHARS) {
      return { offset, message: `indented by more than ${MAX_INDENT_CHARS} characters` };
    }
    if (tokens > MAX_TOKENS) return { offset, message: `more than ${MAX_TOKENS} tokens` };
    if (documents > MAX_DOCUMENTS) return { offset, message: `more than ${MAX_DOCUMENTS} documents` };
    isLineStart = token.includes('\n');
    if (!KIND_MARKS.has(token)) offset += token.length;
  }
  return undefined;
}
