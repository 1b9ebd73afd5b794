import type { Adapter, AdapterPayload } from 'oidc-provider';

interface Entry {
  readonly payload: AdapterPayload;
  readonly expiresMs: number;
}

/** What the embedded provider remembers: in memory only, gone at its end. One map for all kinds. */
const MAX_ENTRIES = 10_000;

/** Makes the adapter class of one provider. */
export function createMemoryAdapter(): new (kind: string) => Adapter {
  const entries = new Map<string, Entry>();

  const find = (key: string): AdapterPayload | undefined => {
    const entry = entries.get(key);
    if (entry === undefined) return undefined;
    if (entry.expiresMs > Date.now()) return entry.payload;
    entries.delete(key);
    return undefined;
  };

  return class MemoryAdapter implements Adapter {
    readonly #kind: string;

    constructor(kind: string) {
      this.#kind = kind;
    }

    async upsert(id: string, payload: AdapterPayload, expiresIn: number): Promise<void> {
      const expiresMs = expiresIn > 0 ? Date.now() + expiresIn * 1000 : Number.POSITIVE_INFINITY;
      entries.set(`${this.#kind}:${id}`, { payload, expiresMs });
      const oldest = entries.keys().next();
      if (entries.size > MAX_ENTRIES && oldest.done !== true) entries.delete(oldest.value);
    }

    async find(id: string): Promise<AdapterPayload | undefined> {
      return find(`${this.#kind}:${id}`);
    }

    async findByUserCode(userCode: string): Promise<AdapterPayload | undefined> {
      return this.#findBy('userCode', userCode);
    }

    async findByUid(uid: string): Promise<AdapterPayload | undefined> {
      return this.#findBy('uid', uid);
    }

    async consume(id: string): Promise<void> {
      const payload = find(`${this.#kind}:${id}`);
      if (payload !== undefined) payload.consumed = Math.floor(Date.now() / 1000);
    }

    async destroy(id: string): Promise<void> {
      entries.delete(`${this.#kind}:${id}`);
    }

    async revokeByGrantId(grantId: string): Promise<void> {
      for (const [key, { payload }] of entries) if (payload.grantId === grantId) entries.delete(key);
    }

    #findBy(field: 'userCode' | 'uid', value: string): AdapterPayload | undefined {
      for (const key of entries.keys()) {
        if (!key.startsWith(`${this.#kind}:`)) continue;
        const payload = find(key);
        if (payload?.[field] === value) return payload;
      }
      return undefined;
    }
  };
}
