import { create } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { ApprovalSchema, State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { renderApproval } from '../../../cli/commands/approval/render.ts';

const NOW_MS = Date.parse('2026-03-04T12:00:00Z');
const REVERSE = '\u001b[7m';
const RESET = '\u001b[27m';
const marked = (text: string) => `${REVERSE}${text}${RESET}`;

const approval = create(ApprovalSchema, {
  name: 'approvals/a1',
  state: State.PENDING,
  prompt: [
    { place: 'input', text: 'Summarise the chart of Maria\nBeispiel, SSN 219-09-9999.\u001b[31m' },
    { place: 'instructions', text: 'Be brief.' },
  ],
});

test('what looks like PHI in the prompt stands out where there is colour, each line by itself', () => {
  const shown = renderApproval(approval, NOW_MS, { color: true, width: undefined });
  expect(shown).toContain(`SSN ${marked('219-09-9999')}.`);
  // All escapes are those of the marks: none of the prompt's own comes through.
  const escapes = [...shown].filter((unit) => unit === '\u001b').length;
  const marks = shown.split(REVERSE).length - 1 + (shown.split(RESET).length - 1);
  expect(escapes).toBe(marks);
  for (const line of shown.split('\n')) {
    expect(line.split(REVERSE).length, line).toBe(line.split(RESET).length);
  }
  expect(shown).toContain('next: sworn approval approve a1');
});

test('without colour the prompt is as it was written', () => {
  const shown = renderApproval(approval, NOW_MS, { color: false, width: undefined });
  expect(shown).toContain('SSN 219-09-9999.');
  expect(shown).not.toContain('\u001b');
});

test('what to look for is folded into the terminal', () => {
  const message = 'Does this request need the data of so many patients? Approve the minimum only.';
  const shown = renderApproval({ ...approval, message }, NOW_MS, { color: false, width: 50 });
  const [fields = ''] = shown.split('\n\n');
  expect(fields.split('\n').filter((line) => line.length > 50)).toEqual([]);
  expect(fields.replaceAll(/\n +/g, ' ')).toContain(message);
});
