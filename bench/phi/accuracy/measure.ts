import { existsSync, readdirSync } from 'node:fs';
import { createDetector } from '#core/phi/detect.ts';
import { generateCorpus } from '../corpus/generate.ts';
import type { LabelledText } from '../corpus/text.ts';
import type { Table } from '../table.ts';
import { score } from './score.ts';
import { accuracyTables, faultLines } from './tables.ts';

const CORPORA = new URL('../../../test/core/phi/corpus/', import.meta.url);
const READER = new URL('read.ts', CORPORA);
/** What nobody looks at while rules are written: its figures are shown, its texts never. */
const UNSEEN = 'held-out';

export interface Accuracy {
  readonly tables: readonly Table[];
  /** Lines about what was missed and found wrongly, the values included: all of them are invented. */
  readonly faults: string;
}

/** How much is found of what is labelled, in generated texts and in those that people wrote. */
export async function measureAccuracy(seed: number): Promise<Accuracy> {
  const detector = createDetector();
  const tables: Table[] = [];
  let faults = '';
  const corpora = [
    { name: `generated, seed ${seed}`, texts: generateCorpus(seed) },
    ...(await readCorpora()),
  ];
  for (const { name, texts } of corpora) {
    const scores = score(detector, texts);
    tables.push(...accuracyTables(name, scores));
    if (name !== UNSEEN) faults += faultLines(name, scores.faults);
  }
  return { tables, faults };
}

async function readCorpora(): Promise<{ name: string; texts: readonly LabelledText[] }[]> {
  if (!existsSync(READER)) return [];
  const { readCorpus } = (await import(READER.href)) as {
    readCorpus: (path: string) => readonly LabelledText[];
  };
  return readdirSync(CORPORA)
    .filter((file) => file.endsWith('.jsonl'))
    .sort()
    .map((file) => ({
      name: file.replace('.jsonl', ''),
      texts: readCorpus(new URL(file, CORPORA).pathname),
    }));
}
