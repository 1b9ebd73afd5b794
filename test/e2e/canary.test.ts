import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { UpstreamService } from '#proto/sworn/upstream/v1/upstream_service_pb.ts';
import { answerText } from '../env/answers.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv } from '../env/env.ts';
import { openToLook } from '../env/mongo.ts';
import { PROVIDER_KEY, sendJson } from '../env/provider.ts';
import { recordOf } from '../env/record.ts';

/** None of these may stand where it does not belong. */
const PROMPT = 'zebra-4711-prompt';
const PROMPT_PHI = '219-09-9999';
const ANSWER = 'walrus-0815-answer';
const ANSWER_PHI = '078-05-1120';
const BAD_TOKEN = 'ostrich-2342-token';
const WORDS = `${PROMPT}, patient with ssn ${PROMPT_PHI}`;
const SAID = `${ANSWER} about ssn ${ANSWER_PHI}`;

let env: Env;
let token: string;
let output = '';
const written = { stdout: process.stdout.write, stderr: process.stderr.write };

beforeAll(async () => {
  const destination = {
    write: (line: string) => {
      output += line;
    },
  };
  for (const name of ['stdout', 'stderr'] as const) {
    process[name].write = ((chunk: string | Uint8Array, ...rest: []) => {
      output += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
      return written[name].call(process[name], chunk, ...rest);
    }) as typeof process.stdout.write;
  }
  env = await startEnv({
    logger: pino({ level: 'trace' }, destination),
    dataPlane: { logLevel: 'trace', holdHeaders: 20, upstreamIdleTimeout: 500 },
    controlPlane: { logLevel: 'trace' },
  });
  token = await env.stack.token({ user: 'clinician' });
  await useEverything();
});
afterAll(async () => {
  Object.assign(process.stdout, { write: written.stdout });
  Object.assign(process.stderr, { write: written.stderr });
  await env.close();
});

/** Sends a request as raw as fetch allows, and waits until its record is in MongoDB. */
async function send(path: string, body: string, headers: Record<string, string> = {}): Promise<string> {
  const answer = await fetch(`${env.stack.dataPlaneUrl}${path}`, {
    method: 'POST',
    body,
    headers: { authorization: `Bearer ${token}`, ...headers },
  });
  const text = await answer.text();
  await recordOf(env, answer.headers.get('x-request-id') ?? '');
  return text;
}

const ask = (rest: object = {}) => JSON.stringify({ model: 'gpt-test', input: WORDS, ...rest });

/** An export in which an application put what it should not, everywhere. */
function traces(said: string): string {
  const trace = {
    object: 'trace',
    id: said,
    workflow_name: said,
    group_id: said,
    metadata: { [said]: said },
  };
  const span = {
    object: 'trace.span',
    id: said,
    trace_id: said,
    parent_id: said,
    started_at: said,
    error: said,
  };
  const response = { ...span, span_data: { type: 'response', response_id: said } };
  const agent = { ...span, span_data: { type: 'agent', name: said, [said]: [said] } };
  return JSON.stringify({ data: [trace, response, agent, { object: said, [said]: said }], [said]: said });
}

/** Takes every way that content, a token or the key can go, the failing ones above all. */
async function useEverything(): Promise<void> {
  const { provider } = env;
  const reviewer = env.api(ApprovalService, 'reviewer');
  provider.behave(answerText(SAID));
  await send('/v1/responses', ask());
  await send('/v1/responses', ask({ stream: true }));
  const messages = [{ role: 'user', content: WORDS }];
  await send('/v1/chat/completions', JSON.stringify({ model: 'gpt-test', messages, stream: true }));
  await send('/v1/responses', ask({ input: `${WORDS} forbidden`, metadata: { [PROMPT]: WORDS } }));
  await send('/v1/responses', `${ask()}${WORDS}`);
  await send('/v1/responses', ask({ stream: WORDS }));
  await send(`/v1/${PROMPT}?q=${PROMPT}`, ask());
  await send('/v1/responses', ask(), { 'content-encoding': 'gzip' });
  await send('/v1/responses', ask(), { 'x-sworn-session': WORDS });
  await send('/v1/responses', ask(), { authorization: `Bearer ${BAD_TOKEN}` });
  const heard = [{ role: 'assistant', content: SAID, tool_calls: [{ id: WORDS }] }];
  const replies = [...messages, ...heard, { role: 'tool', tool_call_id: WORDS, content: WORDS }];
  await send('/v1/chat/completions', JSON.stringify({ model: 'gpt-test', messages: replies }));
  await send('/v1/responses', ask({ previous_response_id: WORDS, input: [{ id: PROMPT, content: WORDS }] }));
  for (const said of [WORDS, `${WORDS} forbidden`]) await send('/v1/traces/ingest', traces(said));
  for (const verdict of ['approveApproval', 'denyApproval'] as const) {
    const asking = send('/v1/responses', ask({ input: `bulk ${WORDS} ${verdict}`, stream: true }));
    const { name } = await pendingApproval(env);
    await reviewer.getApproval({ name });
    await reviewer[verdict]({ name, reason: 'so be it' });
    await asking;
  }
  provider.behave((_request, response) => sendJson(response, 500, { error: { message: SAID, code: SAID } }));
  await send('/v1/responses', ask());
  provider.behave((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json', 'x-request-id': SAID }).end(`{"${SAID}`);
  });
  await send('/v1/responses', ask());
  provider.behave((_request, response) => {
    response
      .writeHead(200, { 'content-type': 'text/event-stream' })
      .write(`data: "${SAID}"\n\ndata: ${SAID}\n\n`);
  });
  await send('/v1/responses', ask({ stream: true }));
  provider.behave((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write(`data: {"type":"x","a":"${SAID}`);
  });
  await send('/v1/responses', ask({ stream: true }));
}

function expectNone(of: readonly string[], where: string): void {
  for (const canary of of) expect(where.includes(canary), canary).toBe(false);
}

/**
 * The programs go on: a temporary file may have taken the place of its old one, which is then read by its own name, and
 * what is handed in goes.
 */
async function readUnlessGone(path: string): Promise<string> {
  try {
    return (await readFile(path)).toString('latin1');
  } catch (error) {
    const gone = (error as NodeJS.ErrnoException).code === 'ENOENT' && /\.(tmp|spool|frames)$/.test(path);
    if (!gone) throw error;
    return '';
  }
}

const SECRETS = () => [PROVIDER_KEY, BAD_TOKEN, token, ...token.split('.').slice(2)];
const CONTENT = [PROMPT, PROMPT_PHI, ANSWER, ANSWER_PHI];

test('the output of both programs, at its most talkative, has no content and no secret', () => {
  // What was heard is really theirs.
  expect(output).toContain('snapshot published');
  expect(output).toContain('enrolled');
  expectNone([...SECRETS(), ...CONTENT], output);
});

test('MongoDB has no content and no secret in the clear', async () => {
  const name = env.database;
  const database = await openToLook(env.stack.mongodbUri, name);
  try {
    const seen: string[] = [];
    for (const { name: collection } of await database.db.listCollections().toArray()) {
      const documents = await database.db.collection(collection).find({}, { raw: true }).toArray();
      if (documents.length > 0) seen.push(collection);
      for (const document of documents) {
        expectNone([...SECRETS(), ...CONTENT], Buffer.from(document as unknown as Buffer).toString('latin1'));
      }
    }
    expect(seen).toEqual(
      expect.arrayContaining(['records', 'payloads', 'exchanges', 'approvals', 'upstreams', 'sessions']),
    );
  } finally {
    await database.close();
  }
});

test('the files of the programs have no content, no token and no key', async () => {
  const { directory } = env.stack;
  const files = await readdir(directory, { recursive: true, withFileTypes: true });
  const withKey: string[] = [];
  for (const file of files) {
    const path = join(file.parentPath, file.name);
    // MongoDB's own files hold what the test above has read.
    if (!file.isFile() || path.startsWith(join(directory, 'mongodb'))) continue;
    const content = await readUnlessGone(path);
    if (content.includes(PROVIDER_KEY)) withKey.push(file.name);
    expectNone([...CONTENT, BAD_TOKEN, token], content);
  }
  expect(withKey).toEqual([]);
});

test('what people get without asking for content has none, and nobody gets the key', async () => {
  const audit = env.api(AuditService, 'auditor');
  const got: unknown[] = [
    await audit.listExchanges({}),
    await audit.listSessions({}),
    await audit.listRecords({}),
    await env.api(ApprovalService, 'auditor').listApprovals({}),
    await env.api(UpstreamService, 'admin').listUpstreams({}),
  ];
  for await (const exported of audit.exportExchanges({})) got.push(exported);
  const text = JSON.stringify(got, (_key, value: unknown) => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
    return typeof value === 'bigint' ? String(value) : value;
  });
  expect(text).toContain('gpt-test');
  expectNone([...SECRETS(), ...CONTENT], text);
});
