// Works out what the detector keeps ready made, in core/phi/compiled: the patterns of its rules, the words of its lists, and the
// WebAssembly of its loop over tokens. `npm run phi:compile`, when any of these has changed.
import { writeFileSync } from 'node:fs';
import { fingerprint, packPatterns } from '#core/phi/compiled/patterns.ts';
import { packWords } from '#core/phi/compiled/words.ts';
import { inOrder } from '#core/phi/engine/plan.ts';
import { compileRules } from '#core/phi/engine/rule/rule.ts';
import { patternsOf } from '#core/phi/engine/rule/work-out.ts';
import { buildLexicon } from '#core/phi/lexicon/build.ts';
import { pack } from '#core/phi/lexicon/pack.ts';
import { CODE_RULES, RULES } from '#core/phi/rules/index.ts';
import { compileLoop } from './loop.ts';

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
write('loop.json', { module: await compileLoop() });
