import { type BuiltInEntity, ENTITIES } from '#core/phi/entities.ts';
import { NUMBER_NEGATIVES } from './negatives/numbers.ts';
import { WORD_NEGATIVES } from './negatives/words.ts';
import { disturb } from './noise.ts';
import { Random } from './random.ts';
import { Scene } from './scene.ts';
import { CHATS } from './templates/chat.ts';
import { DOCUMENTS } from './templates/documents.ts';
import { LETTERS } from './templates/letters.ts';
import { NOTES } from './templates/notes.ts';
import { QUERIES } from './templates/queries.ts';
import { TABLES } from './templates/tables.ts';
import { join, type LabelledText } from './text.ts';

/** At least so many identifiers, and so many texts that only look like having one, of every entity. */
export const LEAST_PER_ENTITY = 50;
/** Texts of plain clinical prose. */
const PROSE_NEGATIVES = 100;
/** Of a text that is nothing but prose. */
const PROSE_CHARACTERS = 800;
/** So many tries for each text that is not yet there say that the templates have too few choices. */
const MAX_TRIES = 200;

export const TEMPLATES: Readonly<Record<string, readonly string[]>> = {
  note: NOTES,
  letter: LETTERS,
  table: TABLES,
  chat: CHATS,
  query: QUERIES,
};
const KINDS = Object.keys(TEMPLATES);
const NAMES: readonly BuiltInEntity[] = ENTITIES.map(({ name }) => name);

/** The negative templates of an entity. */
export const NEGATIVES: Partial<Readonly<Record<BuiltInEntity, readonly string[]>>> = {
  ...WORD_NEGATIVES,
  ...NUMBER_NEGATIVES,
};

/**
 * Synthetic clinical texts with their identifiers labelled, and texts without any that look like it. The same
 * seed gives the same texts.
 */
export function generateCorpus(seed: number): LabelledText[] {
  return [...generatePositives(seed), ...generateNegatives(seed)];
}

/** Texts of every template in turn, until every entity has LEAST_PER_ENTITY identifiers. */
export function generatePositives(seed: number): LabelledText[] {
  const texts: LabelledText[] = [];
  const writer = createWriter(seed);
  const rounds = Math.max(...Object.values(TEMPLATES).map((list) => list.length));
  while (texts.length < 2 * rounds * KINDS.length || writer.least() < LEAST_PER_ENTITY) {
    texts.push(writer.next());
  }
  return texts;
}

/**
 * Different texts until they have that many characters together: what the speed is measured on. They are decoded from
 * bytes, as those of a request are: a string that was just put together is read slowly the first time.
 *
 * @param plain the share of characters, from 0 to 1, that is prose without identifiers behind each text
 */
export function generateBulk(seed: number, characters: number, plain = 0): string[] {
  const texts: string[] = [];
  const writer = createWriter(seed);
  const prose = createScene(new Random(seed + 2));
  for (let length = 0; length < characters; length += texts.at(-1)?.length ?? 0) {
    let text = plain < 1 ? writer.next().text : '';
    const wanted = plain < 1 ? text.length / (1 - plain) : PROSE_CHARACTERS;
    while (plain > 0 && text.length < wanted)
      text += `${text === '' ? '' : ' '}${join(prose.write('{prose}')).text}`;
    texts.push(Buffer.from(text).toString());
  }
  return texts;
}

/** JSON documents with identifiers in their strings. */
export function generateDocuments(seed: number, count: number): string[] {
  const random = new Random(seed);
  return Array.from({ length: count }, (_, i) => {
    const template = DOCUMENTS[i % DOCUMENTS.length] ?? '';
    return join(new Scene(random, () => random.pick(NAMES)).write(template)).text;
  });
}

function createWriter(seed: number): { next(): LabelledText; least(): number } {
  const random = new Random(seed);
  const counts = new Map<BuiltInEntity, number>(NAMES.map((name) => [name, 0]));
  const count = (name: BuiltInEntity): number => counts.get(name) ?? 0;
  const rarest = (): BuiltInEntity => {
    // Not always the very rarest, so that the same kinds do not always come together.
    const candidates = Array.from({ length: 4 }, () => random.pick(NAMES));
    return candidates.reduce((a, b) => (count(b) < count(a) ? b : a));
  };
  let made = 0;
  return {
    next() {
      const kind = KINDS[made % KINDS.length] ?? '';
      const templates = TEMPLATES[kind] ?? [];
      const template = templates[Math.floor(made / KINDS.length) % templates.length] ?? '';
      const pieces = disturb(new Scene(random, rarest).write(template), kind, random);
      const labelled = { id: `${kind}-${++made}`, kind, ...join(pieces) };
      for (const { entity } of labelled.spans) counts.set(entity, count(entity) + 1);
      return labelled;
    },
    least: () => Math.min(...counts.values()),
  };
}

/** LEAST_PER_ENTITY different texts without identifiers for each entity that they may be taken for, and prose. */
export function generateNegatives(seed: number): LabelledText[] {
  const random = new Random(seed + 1);
  const texts = new Map<string, LabelledText>();
  const add = (count: number, templates: readonly string[], near?: BuiltInEntity): void => {
    const enough = texts.size + count;
    for (let tries = 0; texts.size < enough; tries++) {
      if (tries > count * MAX_TRIES) throw new Error(`too few different texts look like ${near}`);
      const { text, spans } = join(createScene(random).write(templates[tries % templates.length] ?? ''));
      if (spans.length > 0) throw new Error(`an identifier in a negative text: ${text}`);
      const id = `negative-${texts.size + 1}`;
      if (!texts.has(text)) {
        texts.set(text, { id, kind: 'negative', text, spans, ...(near === undefined ? {} : { near }) });
      }
    }
  };
  for (const entity of NAMES) add(LEAST_PER_ENTITY, NEGATIVES[entity] ?? [], entity);
  add(PROSE_NEGATIVES, ['{prose} {prose} {prose}']);
  return [...texts.values()];
}

/** A scene for texts without identifiers. */
function createScene(random: Random): Scene {
  return new Scene(random, () => {
    throw new Error('a fact has an identifier');
  });
}
