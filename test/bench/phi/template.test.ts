import { expect, test } from 'vitest';
import { Random } from '../../../bench/phi/corpus/random.ts';
import { write } from '../../../bench/phi/corpus/template.ts';
import { join, mark } from '../../../bench/phi/corpus/text.ts';

const fill = (name: string) => (name === 'who' ? [mark('PERSON', 'Ann Lee')] : [{ text: `<${name}>` }]);

test('slots are filled in and labelled, and a backslash keeps what follows', () => {
  expect(join(write(String.raw`\{"a": \["{who}"\], {x}|\\n\}`, new Random(1), fill))).toEqual({
    text: String.raw`{"a": ["Ann Lee"], <x>|\n}`,
    spans: [{ entity: 'PERSON', start: 8, end: 15 }],
  });
});

test('every option is taken, those inside others too', () => {
  const random = new Random(2);
  const texts = new Set(Array.from({ length: 200 }, () => join(write('[a[1|2|]|{x}|]!', random, fill)).text));
  expect([...texts].sort()).toEqual(['!', '<x>!', 'a!', 'a1!', 'a2!']);
});

test.each(['[a|b', 'a]', '{who', '[{who}|['])('a template that does not end is refused: %s', (template) => {
  expect(() => write(template, new Random(3), fill)).toThrow(/without end|too many/);
});
