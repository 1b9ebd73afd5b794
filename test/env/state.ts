import { cp, mkdir, readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** What a further control plane takes from the first one, as docs/operations.md says. */
const COPIED = [
  'master.key',
  'master-keys',
  'evidence-keys',
  'log.key',
  'configuration.sealed',
  'configuration.rosters',
];

/** A state directory beside that of a control plane, for a further one. @returns where it is */
export async function copyState(stateDirectory: string, name: string): Promise<string> {
  const copy = join(stateDirectory, '..', name);
  await mkdir(copy, { mode: 0o700 });
  const there = await readdir(stateDirectory);
  for (const file of COPIED.filter((name) => there.includes(name))) {
    await cp(join(stateDirectory, file), join(copy, file), { recursive: true });
  }
  return copy;
}
