import { createHash } from 'node:crypto';
import type { KeyProvider } from './provider.ts';

/** Interval keys that are remembered; each is of up to 1,000 exchanges of one plane. */
const MAX_KEYS = 256;
/** Longer than a page of exchanges takes, and than a replay needs from one exchange to the next. */
const LIFETIME_MS = 60_000;

interface Remembered {
  readonly bytes: Uint8Array;
  readonly timer: NodeJS.Timeout;
}

/**
 * The provider with a memory of the interval keys that it opened last: exchanges that follow each other share one. A key
 * is cleared when it is dropped. What the caller gets is a copy of its own.
 */
export function withMemory(
  provider: KeyProvider,
  { maxKeys = MAX_KEYS, lifetimeMs = LIFETIME_MS } = {},
): KeyProvider {
  const remembered = new Map<string, Remembered>();
  const drop = (name: string): void => {
    const entry = remembered.get(name);
    if (entry === undefined) return;
    remembered.delete(name);
    clearTimeout(entry.timer);
    entry.bytes.fill(0);
  };
  return {
    place: provider.place,
    list: () => provider.list(),
    create: (createTime) => provider.create(createTime),
    async unwrap(jwe) {
      const name = createHash('sha256').update(jwe).digest('base64');
      const known = remembered.get(name);
      if (known !== undefined) return Uint8Array.from(known.bytes);
      const bytes = await provider.unwrap(jwe);
      drop(name);
      const timer = setTimeout(() => drop(name), lifetimeMs).unref();
      remembered.set(name, { bytes, timer });
      const [oldest] = remembered.keys();
      if (remembered.size > maxKeys && oldest !== undefined) drop(oldest);
      return Uint8Array.from(bytes);
    },
  };
}
