import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** One finding in the words of Presidio's API; places are in code points, as Python counts. */
export interface AnalyzerResult {
  readonly entity_type: string;
  readonly start: number;
  readonly end: number;
  readonly score: number;
}

/** Answers a request about a text instead of the analyzer; it owns the response. */
export type AnalyzerFault = (text: string, response: ServerResponse) => void;

/** A server that speaks the API of Presidio Analyzer and knows a few names. */
export interface Presidio {
  /** `http://127.0.0.1:port`. */
  readonly url: URL;
  /** Every text that it was asked about, oldest first. */
  readonly seen: string[];
  /** How it answers from now on; properly when undefined. */
  fail(fault: AnalyzerFault | undefined): void;
  close(): Promise<void>;
}

/** What `POST /analyze` answers about these names in a text. */
export function analyze(text: string, names: readonly string[]): AnalyzerResult[] {
  const results: AnalyzerResult[] = [];
  for (const name of names) {
    for (let at = text.indexOf(name); at >= 0; at = text.indexOf(name, at + 1)) {
      const start = Array.from(text.slice(0, at)).length;
      results.push({ entity_type: 'PERSON', start, end: start + Array.from(name).length, score: 0.85 });
    }
  }
  return results;
}

/** Starts the server on a free port. */
export async function startPresidio(names: readonly string[]): Promise<Presidio> {
  const seen: string[] = [];
  let fault: AnalyzerFault | undefined;
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    const { text, language } = JSON.parse(Buffer.concat(chunks).toString('utf8'));
    seen.push(text);
    if (request.method !== 'POST' || request.url !== '/analyze' || language !== 'en') {
      response.writeHead(404).end();
    } else if (fault !== undefined) {
      fault(text, response);
    } else {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(analyze(text, names)));
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: new URL(`http://127.0.0.1:${port}`),
    seen,
    fail: (next) => {
      fault = next;
    },
    close: () => {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
