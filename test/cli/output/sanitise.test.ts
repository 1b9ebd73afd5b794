import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { formatJson, formatJsonLine } from '../../../cli/output/json.ts';
import { sanitise, sanitiseLine } from '../../../cli/output/sanitise.ts';
import { formatYaml } from '../../../cli/output/yaml.ts';

/** What no output may hold raw: all controls but tab and line feed, and what reorders text. */
const OBEYED = /[^\P{Cc}\t\n]|[\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff]/u;
const HOSTILE = fc.string({
  unit: fc.oneof(
    fc.constantFrom('\x1b', '\x9b', '\r', '\b', '\x7f', '\u202e', '\u2066', '\n', '\t', ':', '"', "'"),
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1 }),
  ),
});

test.each([
  ['a colour', '\x1b[31mred', '\\x1b[31mred'],
  ['a window title', '\x1b]0;owned\x07', '\\x1b]0;owned\\x07'],
  ['an 8-bit control sequence', '\x9b2J', '\\x9b2J'],
  ['a carriage return that overwrites the line', 'deny\rallow', 'deny\\x0dallow'],
  ['text that reads backwards', 'a\u202eb', 'a\\u202eb'],
  ['ordinary text', 'Größe: 3 — 漢字 🩺\n\tok', 'Größe: 3 — 漢字 🩺\n\tok'],
])('%s is written out', (_what, text, shown) => {
  expect(sanitise(text)).toBe(shown);
});

test('a cell stays on its line', () => {
  expect(sanitiseLine('a\n\nb\tc')).toBe('a b c');
});

test('no form of output holds what a terminal obeys, and JSON and YAML keep every value', () => {
  fc.assert(
    fc.property(HOSTILE, HOSTILE, (key, text) => {
      const value = { [key]: text, list: [text] };
      expect(sanitise(text)).not.toMatch(OBEYED);
      for (const json of [formatJson(value), formatJsonLine(value)]) {
        expect(json).not.toMatch(OBEYED);
        expect(JSON.parse(json)).toEqual(value);
      }
      const yaml = formatYaml(value);
      expect(yaml).not.toMatch(OBEYED);
      expect(parse(yaml)).toEqual(value);
    }),
    {
      numRuns: 300,
      examples: [
        ['', ' \n'],
        [' \n \n', '\n'],
      ],
    },
  );
});
