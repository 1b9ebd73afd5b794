import type { KeyState } from '../storage/sealing/ring.ts';
import type { Operation } from './operation.ts';
import { PARTS } from './parts.ts';

/** A master key, as its operator sees it. */
export interface ListedKey {
  readonly id: string;
  readonly state: KeyState;
  /** Whether this state directory has it. */
  readonly here: boolean;
  readonly createTime?: Date;
  readonly useTime?: Date;
  readonly retireTime?: Date;
}

/** The master keys of a deployment, newest first, and how many documents are not of the one in force, by collection. */
export interface Listed {
  readonly keys: readonly ListedKey[];
  readonly behind: Readonly<Record<string, number>>;
}

/** Lists them. What was altered is counted too, and hangs on nothing. */
export async function listMasterKeys({ context, masterKeys, signal }: Operation): Promise<Listed> {
  const { database } = context;
  await masterKeys.look(database);
  const { ring } = masterKeys;
  const here = await masterKeys.files.list();
  const behind: Record<string, number> = {};
  const isRotated = ring.keys.some(({ state }) => state === 'OLD');
  for (const { name, count } of isRotated ? PARTS : []) {
    signal.throwIfAborted();
    const found = await count(database);
    if (found > 0) behind[name] = found;
  }
  const keys = ring.keys.map((key) => ({ ...key, here: here.includes(key.id) }));
  return { keys: keys.toReversed(), behind };
}
