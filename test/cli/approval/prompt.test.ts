import { expect, test } from 'vitest';
import { renderPrompt } from '../../../cli/commands/approval/prompt.ts';
import { processorMs } from '../../env/processor-time.ts';

test('the tools that are offered are a block each, and what is asked stands last', () => {
  const shown = renderPrompt([
    { place: '(notice)', text: 'not whole' },
    { place: 'instructions', text: 'You help.' },
    { place: 'input[0].content', text: 'List all\npatients.' },
    { place: 'tools[0].name', text: 'look_up' },
    { place: 'tools[0].description', text: 'Of one\npatient.' },
    { place: 'tools[0].parameters["$schema"]', text: '$schema: http://json-schema.org/' },
    { place: 'tools[0].parameters.type', text: 'type: object' },
    { place: 'tools[1].name', text: 'write' },
  ]);
  expect(shown).toBe(`
(notice)
  not whole

tools[0]
  name: look_up
  description: Of one
    patient.
  parameters["$schema"]: http://json-schema.org/
  parameters.type: object

tools[1]
  name: write

instructions
  You help.

input[0].content
  List all
  patients.
`);
});

test('a tool with a member of a very long name is shown in a moment', () => {
  const name = 'a'.repeat(300_000);
  const prompt = [{ place: `tools[0].${name}.b`, text: 'b: c' }];
  const ms = processorMs(() => expect(renderPrompt(prompt)).toBe(`\ntools[0]\n  ${name}.b: c\n`));
  expect(ms).toBeLessThan(2_000);
});
