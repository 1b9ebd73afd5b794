import type { ServerResponse } from 'node:http';

/** What a probe sees. The three differ: startup once, ready while it may get traffic, live while it runs. */
export interface Health {
  readonly started: boolean;
  readonly ready: boolean;
  /** Details for people, without content: revision, staleness, spool depth. */
  readonly details: Readonly<Record<string, string | number | boolean>>;
}

const PREFIX = '/healthz/';

/** Answers `GET /healthz/{startup,ready,live}`; false when the request is for something else. */
export function answerHealth(target: string, health: () => Health, response: ServerResponse): boolean {
  if (!target.startsWith(PREFIX)) return false;
  const { started, ready, details } = health();
  const probes: Record<string, boolean> = { startup: started, ready, live: true };
  const name = target.slice(PREFIX.length);
  const ok = Object.hasOwn(probes, name) ? probes[name] : undefined;
  const status = ok === undefined ? 404 : ok ? 200 : 503;
  const body = JSON.stringify({
    probe: name.slice(0, 20),
    ok: ok ?? false,
    ...(name === 'ready' ? details : {}),
  });
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  });
  response.end(body);
  return true;
}
