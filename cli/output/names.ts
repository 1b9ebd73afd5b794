import type { DescEnum } from '@bufbuild/protobuf';
import type { Caller } from '#proto/sworn/identity/v1/caller_pb.ts';

/** The id of a resource name: `0192…` of `approvals/0192…`. */
export function shortName(name: string): string {
  return name.slice(name.indexOf('/') + 1);
}

/** A full resource name from what a person typed: the id alone or the full name. */
export function fullName(collection: string, typed: string): string {
  return typed.startsWith(`${collection}/`) ? typed : `${collection}/${typed}`;
}

/** An enum value as a word: `STATE_PENDING` is `pending`; unspecified is empty. */
export function enumWord(descriptor: DescEnum, value: number | undefined): string {
  const found = descriptor.values.find((candidate) => candidate.number === value);
  if (found === undefined || found.number === 0) return '';
  return found.name.slice(descriptor.sharedPrefix?.length ?? 0).toLowerCase();
}

/** The words that an enum has, for help and for messages. */
export function enumWords(descriptor: DescEnum): string[] {
  return descriptor.values
    .filter((value) => value.number !== 0)
    .map((value) => enumWord(descriptor, value.number));
}

/** The number of an enum's word; undefined when it has no such word. */
export function enumNumber(descriptor: DescEnum, word: string): number | undefined {
  return descriptor.values.find(
    (value) => value.number !== 0 && enumWord(descriptor, value.number) === word.toLowerCase(),
  )?.number;
}

/** A caller in one word: the e-mail where there is one, else the subject. */
export function callerName(caller: Caller | undefined): string {
  if (caller === undefined) return '';
  return caller.email === '' ? caller.subject : caller.email;
}

/** `1 checkpoint`, `2 checkpoints`. */
export function counted(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`;
}

/** Counts by name, `US_SSN 2, MRN 1`, largest first. */
export function countsText(counts: Readonly<Record<string, number>>): string {
  return Object.entries(counts)
    .sort(([nameA, countA], [nameB, countB]) => countB - countA || nameA.localeCompare(nameB))
    .map(([name, count]) => `${name} ${count}`)
    .join(', ');
}
