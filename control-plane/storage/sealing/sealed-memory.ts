import { join } from 'node:path';
import { createPrivateFile, readPrivateFile } from '../../../program/private-file.ts';

const FILE_NAME = 'configuration.sealed';
const TEXT =
  'This control plane has seen the configuration of its database sealed. See docs/operations.md.\n';

/** Whether this state directory remembers that the configuration was sealed, so that it is not trusted unsealed again. */
export async function hasSeenSealed(stateDirectory: string): Promise<boolean> {
  return (await readPrivateFile(join(stateDirectory, FILE_NAME))) !== undefined;
}

/** Remembers it, durably. */
export function rememberSealed(stateDirectory: string): Promise<void> {
  return createPrivateFile(join(stateDirectory, FILE_NAME), TEXT);
}
