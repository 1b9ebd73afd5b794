// Works out what the detector keeps ready made: the patterns of its rules and the words of its lists, in
// core/phi/compiled: `npm run phi:compile`, when either has changed.
import { writeFileSync } from 'node:fs';
import { fingerprint, packPatterns } from '#core/phi/compiled/patterns.ts';
import { packWords } from '#core/phi/compiled/words.ts';
import { inOrder } from '#core/phi/engine/plan.ts';
import { compileRules } from '#core/phi/engine/rule/rule.ts';
import { patternsOf } from '#core/phi/engine/rule/work-out.ts';
import { buildLexicon } from '#core/phi/lexicon/build.ts';
import { pack } from '#core/phi/lexicon/pack.ts';
import { CODE_RULES, RULES } from '#core/phi/rules/index.ts';

const FOLDER = new URL('../../../core/phi/compiled/', import.meta.url).pathname;

function write(name: string, content: unknown): void {
  const text = `${JSON.stringify(content, null, 2)}\n`;
  writeFileSync(FOLDER + name, text);
  process.stdout.write(`${name}: ${text.length} characters\n`);
}

write(
  'patterns.json',
  [RULES, CODE_RULES].map((rules) => ({
    rules: fingerprint(rules),
    patterns: packPatterns(patternsOf(compileRules(inOrder(rules)))),
  })),
);
write('words.json', { words: packWords(pack(buildLexicon())) });
