import { Agent, request } from 'node:http';

const ANSWER_TIMEOUT_MS = 20_000;

/** What to send, where, and how. */
export interface Load {
  readonly url: string;
  readonly token: string;
  /** Of the next request. */
  readonly body: () => string;
  readonly connections: number;
  readonly durationMs: number;
}

/** What came of it. Times in milliseconds. */
export interface Figures {
  readonly perSecond: number;
  readonly p50: number;
  readonly p99: number;
  /** To the first byte of the body. */
  readonly firstByteP50: number;
  readonly firstByteP99: number;
}

/** Sends requests one after the other on so many connections. Throws at the first answer that is not a success. */
export async function run(load: Load): Promise<Figures> {
  const agent = new Agent({ keepAlive: true, maxSockets: load.connections });
  const totals: number[] = [];
  const firstBytes: number[] = [];
  const startMs = performance.now();
  const endMs = startMs + load.durationMs;
  const worker = async () => {
    while (performance.now() < endMs) {
      const { firstByteMs, totalMs } = await send(agent, load);
      totals.push(totalMs);
      firstBytes.push(firstByteMs);
    }
  };
  await Promise.all(Array.from({ length: load.connections }, worker));
  const seconds = (performance.now() - startMs) / 1000;
  agent.destroy();
  return {
    perSecond: totals.length / seconds,
    p50: quantile(totals, 0.5),
    p99: quantile(totals, 0.99),
    firstByteP50: quantile(firstBytes, 0.5),
    firstByteP99: quantile(firstBytes, 0.99),
  };
}

function send(agent: Agent, load: Load): Promise<{ firstByteMs: number; totalMs: number }> {
  const body = load.body();
  const headers = {
    authorization: `Bearer ${load.token}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  const startMs = performance.now();
  return new Promise((resolve, reject) => {
    const call = request(load.url, { method: 'POST', agent, headers }, (answer) => {
      let firstByteMs = 0;
      let size = 0;
      answer.on('data', (chunk: Buffer) => {
        if (size === 0) firstByteMs = performance.now() - startMs;
        size += chunk.length;
      });
      answer.on('end', () => {
        if (answer.statusCode === 200 && size > 0)
          resolve({ firstByteMs, totalMs: performance.now() - startMs });
        else reject(new Error(`the answer was ${answer.statusCode} with ${size} bytes`));
      });
      answer.on('error', reject);
    });
    call.setTimeout(ANSWER_TIMEOUT_MS, () =>
      call.destroy(new Error('no answer came: was the request held?')),
    );
    call.on('error', reject);
    call.end(body);
  });
}

/** The value below which the share `q` of the values lies. */
export function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? Number.NaN;
}
