import type { Call } from './compare.ts';

/** What became of the calls that were answered, between the suite and the mock. */
export interface Changes {
  /** Calls whose two sides were compared. */
  readonly calls: number;
  /** Places of answers that Sworn empties, and how often: they would give the text away. */
  readonly emptied: ReadonlyMap<string, number>;
  /** Everything else that is not the same on both sides. */
  readonly faults: readonly string[];
}

/** Tokens and their bytes repeat the text, whatever is masked in it. */
const EMPTIED = 'logprobs';

/**
 * Compares what the mock got and gave with what the suite sent and got. The suite sends one request after the other, so
 * that calls which were answered are in the same order on both sides.
 */
export function findChanges(atMock: readonly Call[], atSuite: readonly Call[]): Changes {
  const answered = ({ status }: Call) => status < 400;
  const [behind, before] = [atMock.filter(answered), atSuite.filter(answered)];
  const emptied = new Map<string, number>();
  const faults: string[] = [];
  if (behind.length !== before.length) {
    faults.push(`the mock answered ${behind.length} calls, the suite got ${before.length} answers`);
  }
  for (const [index, call] of before.entries()) {
    const other = behind[index];
    if (other === undefined) break;
    const name = `${call.method} ${call.path}`;
    if (`${other.method} ${other.path}` !== name) faults.push(`${name} became ${other.method} ${other.path}`);
    if (!isForm(call) && other.requestBody !== call.requestBody)
      faults.push(`${name}: the body of the request was changed`);
    for (const place of placesOf(other.answerBody, call.answerBody)) {
      if (place.endsWith(EMPTIED)) emptied.set(place, (emptied.get(place) ?? 0) + 1);
      else faults.push(`${name}: the answer was changed at ${place}`);
    }
  }
  return { calls: before.length, emptied, faults };
}

/** A form with files, which may be written anew with a boundary of its own. */
function isForm({ requestBody }: Call): boolean {
  return requestBody.startsWith('--');
}

/** Where two bodies differ: `choices[].logprobs`. */
function placesOf(one: string, other: string): string[] {
  if (one === other) return [];
  try {
    return differences(JSON.parse(one), JSON.parse(other), '');
  } catch {
    return ['(its bytes)'];
  }
}

function differences(one: unknown, other: unknown, place: string): string[] {
  if (!isTree(one) || !isTree(other)) return one === other ? [] : [place];
  const keys = new Set([...Object.keys(one), ...Object.keys(other)]);
  const name = (key: string) => {
    if (Array.isArray(one)) return `${place}[]`;
    return place === '' ? key : `${place}.${key}`;
  };
  return [...keys].flatMap((key) => differences(one[key], other[key], name(key)));
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

/** In words. */
export function formatChanges({ calls, emptied, faults }: Changes): string {
  const places = Array.from(emptied, ([place, count]) => `\`${place}\` (${count} times)`).join(', ');
  return [
    `Of ${calls} calls that the mock answered, requests and answers were the same on both sides in all but ${faults.length} places.`,
    `What Sworn empties does not count: ${places === '' ? 'nothing' : places}.`,
    ...faults.map((fault) => `CHANGED ${fault}`),
  ].join('\n');
}
