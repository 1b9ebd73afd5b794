import { readFile } from 'node:fs/promises';
import { ScalarType } from '@bufbuild/protobuf';
import { expect, test } from 'vitest';
import { RecordSchema } from '#proto/sworn/audit/v1/record_pb.ts';

/** What docs/evidence.md and the verifier beside it say of the wire types of a record. */
function wireTypes() {
  const numbersOf = (isIt: (field: (typeof RecordSchema.fields)[number]) => boolean) =>
    RecordSchema.fields
      .filter(isIt)
      .map(({ number }) => number)
      .sort((a, b) => a - b);
  const isText = (field: (typeof RecordSchema.fields)[number]) =>
    field.fieldKind === 'scalar' && field.scalar === ScalarType.STRING;
  const isNumber = (field: (typeof RecordSchema.fields)[number]) =>
    field.fieldKind === 'enum' ||
    (field.fieldKind === 'scalar' && field.scalar !== ScalarType.STRING && field.scalar !== ScalarType.BYTES);
  return {
    numbers: numbersOf(isNumber),
    texts: numbersOf(isText),
    others: numbersOf((field) => !isText(field) && !isNumber(field)),
  };
}

test('the page lists the wire types of all fields of a record', async () => {
  const page = await readFile(new URL('../../../../docs/evidence.md', import.meta.url), 'utf8');
  for (const [name, numbers] of Object.entries(wireTypes()))
    expect(page).toContain(`\n${name} ${numbers.join(' ')}\n`);
});

test('the second verifier goes by them', async () => {
  const source = await readFile(new URL('../../../evidence/second_verifier.py', import.meta.url), 'utf8');
  for (const [name, numbers] of Object.entries(wireTypes()))
    expect(source).toContain(`${name.toUpperCase()} = {${numbers.join(', ')}}`);
});
