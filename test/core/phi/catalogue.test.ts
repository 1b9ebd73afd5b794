import { expect, test } from 'vitest';
import { CATALOGUE, type CatalogueEntry } from '#core/phi/catalogue.ts';
import { createDetector } from '#core/phi/detect.ts';

const HEADER = `# The kinds of PHI

Made from the catalogue in \`core/phi/catalogue.ts\`; \`sworn phi entities --output yaml\` prints the same. Letters are those of
45 CFR 164.514(b)(2)(i). What a score means, and how findings that overlap are resolved, is said in [phi.md](phi.md).
`;

function page(entries: readonly CatalogueEntry[]): string {
  return [HEADER, ...entries.map(section)].join('\n');
}

function section(entry: CatalogueEntry): string {
  const lines = [
    `## ${entry.name}`,
    '',
    `${entry.description}. Safe Harbor (${entry.safeHarbor}).`,
    '',
    `- **Forms:** ${entry.forms}.`,
    ...(entry.checksum === undefined ? [] : [`- **Check:** ${entry.checksum}.`]),
    `- **Context:** ${entry.context}.`,
    `- **Rules:** ${entry.rules.map(({ name, score }) => `\`${name}\` ${score}`).join(', ')}.`,
    `- **May stand for a value:** ${entry.masks.map((mask) => `\`${mask}\``).join(', ')}.`,
    `- **Limits:** ${entry.limits}.`,
    '',
  ];
  return lines.join('\n');
}

test('docs/entities.md is the catalogue', async () => {
  await expect(page(CATALOGUE)).toMatchFileSnapshot('../../../docs/entities.md');
});

test('every entity has a rule, and every finding a rule of the catalogue', () => {
  const known = new Set(CATALOGUE.flatMap(({ name, rules }) => rules.map((rule) => `${name} ${rule.name}`)));
  for (const { name, rules } of CATALOGUE) expect([name, rules.length > 0]).toEqual([name, true]);
  const text =
    'Dr. Anna Schmidt of Mercy General Hospital in Tulsa, OK 74103 saw John Smith, SSN 078-05-1120, on March 3, 2024. ' +
    "He lives on Elm Street near St. Mary's, works at Brightwater, and is 93 years old. Call 555-555-0142.";
  const findings = createDetector().scan(text);
  expect(findings.length).toBeGreaterThan(9);
  for (const { entity, rule } of findings) expect(known).toContain(`${entity} ${rule}`);
});
