import { generateKeyPairSync } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { encodeBase64 } from '#core/evidence/base64.ts';
import { signCheckpoint } from '#core/evidence/checkpoint/sign.ts';
import { Frontier } from '#core/evidence/merkle/frontier.ts';
import { leafHash } from '#core/evidence/merkle/hash.ts';
import { consistencyProof } from '#core/evidence/merkle/prove.ts';
import { createNoteKey, formatNoteKey } from '#core/evidence/note/key.ts';
import { createSigner } from '#core/evidence/signature/ed25519.ts';
import { resolveSettings } from '#core/settings/settings.ts';
import { SETTINGS } from '../../witness/config/settings.ts';
import { startWitness, type Witness } from '../../witness/start.ts';

/** A small log in memory, that can also lie. */
export class TestLog {
  readonly origin: string;
  readonly signer = createSigner(generateKeyPairSync('ed25519').privateKey);
  /** Leaves; two logs with other words have other trees. */
  readonly word: string;
  readonly #nodes = new Map<string, Uint8Array>();

  constructor(origin = 'log.example.org/one', word = 'leaf') {
    this.origin = origin;
    this.word = word;
  }

  get key() {
    return createNoteKey(this.origin, this.signer.publicKey);
  }

  get vkey(): string {
    return formatNoteKey(this.key);
  }

  root(size: number): Uint8Array {
    const frontier = new Frontier();
    for (let at = 0; at < size; at++) {
      for (const { level, index, hash } of frontier.append(leafHash(Buffer.from(`${this.word} ${at}`)))) {
        this.#nodes.set(`${level}/${index}`, hash);
      }
    }
    return frontier.root();
  }

  checkpoint(size: number, signer = this.signer): string {
    return signCheckpoint({ origin: this.origin, size, root: this.root(size), extensions: [] }, signer);
  }

  /** The body of a submission. */
  async body(oldSize: number, size: number, note = this.checkpoint(size)): Promise<string> {
    const read = (level: number, index: number) => this.#nodes.get(`${level}/${index}`) ?? Buffer.alloc(32);
    const proof = oldSize <= size ? await consistencyProof(oldSize, size, read) : [];
    return `old ${oldSize}\n${proof.map((hash) => `${encodeBase64(hash)}\n`).join('')}\n${note}`;
  }
}

/** Witnesses of these logs, each started with one state directory. */
export function createWitnessPlace(logs: readonly TestLog[], name = 'witness.example.org/w1') {
  const stateDirectory = mkdtempSync(join(tmpdir(), 'sworn-witness-'));
  const lines: string[] = [];
  const logger = pino({}, { write: (line: string) => void lines.push(line) });
  const flags = { witnessName: name, listen: '127.0.0.1:0', stateDirectory };
  const values = resolveSettings(SETTINGS, { flags, env: {}, file: undefined });
  const running: Witness[] = [];
  return {
    stateDirectory,
    lines,
    async start(now?: () => number, port = 0): Promise<Witness> {
      const listen = { host: '127.0.0.1', port };
      const settings = { ...values, listen, tls: undefined, logKeys: logs.map(({ key }) => key) };
      const witness = await startWitness(settings, { logger, ...(now && { now }) });
      running.push(witness);
      return witness;
    },
    async close(): Promise<void> {
      for (const witness of running) await witness.close();
      rmSync(stateDirectory, { recursive: true, force: true });
    },
  };
}

export async function submit({ url }: { readonly url: string }, body: string) {
  const response = await fetch(`${url}/add-checkpoint`, { method: 'POST', body });
  const type = response.headers.get('content-type');
  return { status: response.status, type, text: await response.text() };
}
