import { Agent, codeInterpreterTool, fileSearchTool } from '@openai/agents';
import OpenAI, { APIUserAbortError } from 'openai';
import { zodResponseFormat, zodTextFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { State } from '#proto/sworn/approval/v1/approval_pb.ts';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { beginEvents, responseEvents } from '../env/answers.ts';
import { createApplication } from '../env/application.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv, TEST_POLICY } from '../env/env.ts';
import {
  ANSWER,
  FILE_ARGUMENTS,
  filingAgent,
  MASKED_ANSWER,
  MASKED_NOTE,
  NOTE,
  SECRETS,
  scriptFiling,
} from '../env/filing-agent.ts';
import { type Mock, mockProvider } from '../env/mock.ts';
import { deliveredText, promptText, recordOf } from '../env/record.ts';
import { until } from '../env/until.ts';

const MODEL = { model: 'gpt-test' };
const FILE_NOTE = {
  name: 'file_note',
  description: 'Files a note.',
  parameters: { type: 'object', properties: { note: { type: 'string' } } },
};

/** What is kept at the provider for everybody. */
const SHARED = `
apiVersion: sworn/v1
kind: Policy
name: shared
spec:
  groups: ["*"]
  parameters: { files: { allow: ["file-shared*", "vs_shared*"] } }
`;

let env: Env;
let mock: Mock;
beforeAll(async () => {
  env = await startEnv({ policies: [TEST_POLICY, SHARED] });
  mock = await mockProvider(env.provider);
});
afterAll(async () => {
  await mock.close();
  await env.close();
});
beforeEach(() => {
  mock.fixtures.clearFixtures();
  env.provider.seen.length = 0;
});

describe('what the openai SDK does by itself', () => {
  const messages = [{ role: 'user' as const, content: 'File the note of the visit.' }];

  test.each([false, true])('runs tools until there is an answer, streamed: %s', async (stream) => {
    scriptFiling(mock);
    const { client, exchanges, wire } = createApplication(env);
    const notes: string[] = [];
    const fileNote = ({ note }: { note: string }) => {
      notes.push(note);
      return `filed as number ${notes.length}`;
    };
    const parse = (text: string) => JSON.parse(text) as { note: string };
    const tool = { type: 'function' as const, function: { ...FILE_NOTE, function: fileNote, parse } };
    const body = { ...MODEL, messages, tools: [tool] };
    const runner = stream
      ? client.chat.completions.runTools({ ...body, stream: true })
      : client.chat.completions.runTools(body);
    expect(await runner.finalContent()).toBe(MASKED_ANSWER);
    expect(notes).toEqual([MASKED_NOTE]);
    expect(exchanges).toHaveLength(2);
    expect(await wire()).not.toMatch(SECRETS);
  });

  test('puts parallel calls together from the pieces of a stream', async () => {
    const other = JSON.stringify({ note: 'MRN 00482913' });
    scriptFiling(mock, 3, [FILE_ARGUMENTS, other]);
    const tools = [{ type: 'function' as const, function: FILE_NOTE }];
    const stream = env.openai().chat.completions.stream({ ...MODEL, messages, tools });
    const { tool_calls: calls = [] } = (await stream.finalMessage()) ?? {};
    const notes = calls.map((call) => call.type === 'function' && JSON.parse(call.function.arguments).note);
    expect(notes).toEqual([MASKED_NOTE, 'MRN [MRN]']);

    const responses = env.openai().responses.stream({
      ...MODEL,
      input: 'File it.',
      parallel_tool_calls: true,
      tools: [{ type: 'function', strict: false, ...FILE_NOTE }],
    });
    const { output } = await responses.finalResponse();
    const arguments_ = output.map((item) => item.type === 'function_call' && JSON.parse(item.arguments));
    expect(arguments_).toEqual([{ note: MASKED_NOTE }, { note: 'MRN [MRN]' }]);
  });

  test('reads structured output by its schema, streamed and not, on both APIs', async () => {
    const visit = z.object({ summary: z.string(), visits: z.number() });
    mock.fixtures.on({ userMessage: /.*/s }, { content: { summary: NOTE, visits: 3 } }, { chunkSize: 3 });
    const { responses, chat } = env.openai();
    const asked = { ...MODEL, input: 'Sum it up.', text: { format: zodTextFormat(visit, 'visit') } };
    const talked = { ...MODEL, messages, response_format: zodResponseFormat(visit, 'visit') };
    const whole = await responses.parse(asked);
    const streamed = await responses.stream(asked).finalResponse();
    const completion = await chat.completions.parse(talked);
    const chunks = await chat.completions.stream(talked).finalChatCompletion();
    const parsed = [whole.output_parsed, streamed.output_parsed];
    parsed.push(...[completion, chunks].map(({ choices }) => choices[0]?.message.parsed ?? null));
    expect(parsed).toEqual(parsed.map(() => ({ summary: MASKED_NOTE, visits: 3 })));
  });

  test('gets vectors, as numbers and as the base64 that it asks for by itself', async () => {
    mock.fixtures.onEmbedding(/.*/s, { embedding: [0.25, -0.5, 0.125] });
    const { embeddings } = env.openai();
    const body = { model: 'gpt-test', input: ['one note', 'another'] };
    const plain = await embeddings.create({ ...body, encoding_format: 'float' });
    const packed = await embeddings.create(body);
    for (const { data } of [plain, packed]) {
      expect(data.map(({ embedding }) => embedding)).toEqual([
        [0.25, -0.5, 0.125],
        [0.25, -0.5, 0.125],
      ]);
    }
  });
});

describe('the record of a stream, replayed to the SDK', () => {
  /** A client whose server sends what an auditor's replay has of this exchange, piece by piece. */
  async function clientOfReplay(exchange: string | undefined): Promise<OpenAI> {
    const { delivery } = await recordOf(env, String(exchange));
    const name = `exchanges/${exchange}`;
    const pieces: Uint8Array[] = [];
    for await (const { event } of env.api(AuditService, 'auditor').replaySession({ name })) {
      if (event.case === 'frame') pieces.push(event.value.data);
    }
    const body = () => ReadableStream.from(pieces);
    const headers = { 'content-type': String(delivery?.contentType) };
    return new OpenAI({ apiKey: 'none', fetch: async () => new Response(body(), { headers }) });
  }
  async function eventsOf(asking: Promise<AsyncIterable<unknown>>): Promise<unknown[]> {
    const events: unknown[] = [];
    for await (const event of await asking) events.push(event);
    return events;
  }

  test.each(['responses', 'chat'] as const)(
    'gives the very events that the caller got, on %s',
    async (api) => {
      scriptFiling(mock, 3);
      const messages = [{ role: 'user' as const, content: 'File it.' }];
      const ask = ({ responses, chat }: OpenAI) =>
        api === 'responses'
          ? eventsOf(responses.create({ ...MODEL, input: 'File the note.', stream: true }))
          : eventsOf(chat.completions.create({ ...MODEL, messages, stream: true }));
      const { client, exchanges } = createApplication(env);
      const events = await ask(client);
      expect(JSON.stringify(events)).toContain('US_SSN');
      expect(await ask(await clientOfReplay(exchanges[0]))).toEqual(events);
    },
  );
});

describe('pictures in a request', () => {
  // One white pixel.
  const PICTURE =
    'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAQAAAC1HAwCAAAAC0lEQVR42mP8/x8AAwMCAO+ip1sAAAAASUVORK5CYII=';
  const LINK = 'https://pictures.example.org/scan.png';
  const SEEN = { content: 'A scan of Patient: Maria Beispiel.' };
  const MASKED = 'A scan of Patient: [PERSON].';

  test('reach the provider as they were sent, on both APIs and from an agent, and are on record', async () => {
    mock.fixtures.on({ userMessage: /.*/s }, SEEN);
    const app = createApplication(env);
    const { responses, chat } = app.client;
    const answer = await responses.create({
      ...MODEL,
      input: [
        {
          role: 'user',
          content: [
            { type: 'input_text', text: 'What is it?' },
            { type: 'input_image', image_url: PICTURE, detail: 'low' },
            { type: 'input_image', image_url: LINK, detail: 'auto' },
          ],
        },
      ],
    });
    expect(answer.output_text).toBe(MASKED);
    const completion = await chat.completions.create({
      ...MODEL,
      messages: [
        {
          role: 'user',
          content: [
            { type: 'text', text: 'What is it?' },
            { type: 'image_url', image_url: { url: PICTURE, detail: 'low' } },
            { type: 'image_url', image_url: { url: LINK } },
          ],
        },
      ],
    });
    expect(completion.choices[0]?.message.content).toBe(MASKED);
    const { finalOutput } = await app.runner.run(new Agent({ name: 'Reader', ...MODEL }), [
      {
        role: 'user',
        content: [
          { type: 'input_text', text: 'What is it?' },
          { type: 'input_image', image: PICTURE },
          { type: 'input_image', image: LINK },
        ],
      },
    ]);
    expect(finalOutput).toBe(MASKED);
    const records = await Promise.all(app.exchanges.map((id) => recordOf(env, id)));
    expect(env.provider.seen.map(({ body }) => body)).toEqual(records.map(promptText));
    for (const { body } of env.provider.seen) {
      expect(body).toContain(JSON.stringify(PICTURE));
      expect(body).toContain(JSON.stringify(LINK));
    }
  });
});

describe('files in a request', () => {
  const dataOf = (text: string) => `data:text/plain;base64,${Buffer.from(text).toString('base64')}`;
  const said = (part: object) =>
    [
      { role: 'user' as const, content: [{ type: 'input_text' as const, text: 'Who was it?' }, part] },
    ] as never;
  const ID = 'file-shared0123456789';
  const OTHER = 'file-other0123456789';
  const refused = { status: 403, code: 'policy_denied', param: 'files' };

  test('of the openai SDK, as data and by an id that policy lists, on both APIs', async () => {
    mock.fixtures.on({ userMessage: /.*/s }, { content: ANSWER });
    const { responses, chat } = env.openai();
    for (const file of [{ filename: 'a.txt', file_data: dataOf('Seen on the ward.') }, { file_id: ID }]) {
      const answer = await responses.create({ ...MODEL, input: said({ type: 'input_file', ...file }) });
      expect(answer.output_text).toBe(MASKED_ANSWER);
      const content = [
        { type: 'text' as const, text: 'Who was it?' },
        { type: 'file' as const, file },
      ];
      const completion = await chat.completions.create({ ...MODEL, messages: [{ role: 'user', content }] });
      expect(completion.choices[0]?.message.content).toBe(MASKED_ANSWER);
    }
    const forbidden = said({
      type: 'input_file',
      filename: 'a.txt',
      file_data: dataOf('The forbidden word.'),
    });
    await expect(responses.create({ ...MODEL, input: forbidden })).rejects.toMatchObject({
      code: 'policy_denied',
    });
    const other = said({ type: 'input_file', file_id: OTHER });
    await expect(responses.create({ ...MODEL, input: other })).rejects.toMatchObject(refused);
    expect(env.provider.seen).toHaveLength(4);
  });

  test('of the Agents SDK, and hosted tools over the stores that policy lists', async () => {
    mock.fixtures.on({ userMessage: /.*/s }, { content: ANSWER });
    const app = createApplication(env);
    const agent = new Agent({ name: 'Reader', ...MODEL });
    for (const file of [dataOf('Seen on the ward.'), { id: ID }]) {
      const part = { type: 'input_file', file, filename: 'a.txt' };
      expect((await app.runner.run(agent, said(part))).finalOutput).toBe(MASKED_ANSWER);
    }
    await expect(
      app.runner.run(agent, said({ type: 'input_file', file: { id: OTHER } })),
    ).rejects.toMatchObject(refused);
    const using = (tool: ReturnType<typeof fileSearchTool>) =>
      app.runner.run(new Agent({ name: 'Reader', ...MODEL, tools: [tool] }), 'Who was it?');
    const container = { type: 'auto' as const, file_ids: [ID] };
    for (const tool of [fileSearchTool(['vs_shared0123456789']), codeInterpreterTool({ container })]) {
      expect((await using(tool)).finalOutput).toBe(MASKED_ANSWER);
    }
    await expect(using(fileSearchTool(['vs_shared0123456789', 'vs_other0123456789']))).rejects.toMatchObject(
      refused,
    );
    const bodies = env.provider.seen.map(({ body }) => body);
    expect(bodies).toHaveLength(4);
    expect(bodies[1]).toContain(JSON.stringify(ID));
    expect(bodies[2]).toContain('"vector_store_ids":["vs_shared0123456789"]');
  });
});

describe('whoever gives up', () => {
  /** Says a little and then nothing; tells when its connection was closed. */
  function silentAfter(events: number): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    env.provider.behave((_request, response) => {
      response.on('close', resolve);
      if (events === 0) return;
      beginEvents(response);
      for (const event of responseEvents(NOTE, 4).slice(0, events)) response.write(event);
    });
    return promise;
  }
  const goneOf = async (exchange: string | undefined) => {
    const record = await recordOf(env, String(exchange).replace(/^exchanges\//, ''));
    expect(record.outcome?.status).toBe(OutcomeStatus.CLIENT_GONE);
    return record;
  };

  test('an agent in mid-stream: the provider is told, and what was delivered is on record', async () => {
    const closed = silentAfter(12);
    const app = createApplication(env);
    const over = new AbortController();
    const { agent } = filingAgent();
    const run = await app.runner.run(agent, 'File it.', { stream: true, signal: over.signal });
    let read = '';
    for await (const event of run.toTextStream()) {
      read += event;
      over.abort();
    }
    await closed;
    expect(read).not.toMatch(SECRETS);
    const record = await goneOf(app.exchanges[0]);
    expect(deliveredText(record)).not.toMatch(SECRETS);
  });

  test('a call that nobody answers yet: the provider is told, and the caller is named as the one who left', async () => {
    const closed = silentAfter(0);
    const over = new AbortController();
    const options = { signal: over.signal, headers: { 'x-sworn-session': 'left-alone' } };
    const asking = env.openai().responses.create({ ...MODEL, input: 'Well?' }, options);
    const failed = expect(asking).rejects.toThrow(APIUserAbortError);
    await env.provider.untilSeen(1);
    over.abort();
    await Promise.all([failed, closed]);
    const audit = env.api(AuditService, 'auditor');
    let name: string | undefined;
    await until('the exchange being on record', async () => {
      const { exchanges } = await audit.listExchanges({});
      name = exchanges.find(({ session }) => session.startsWith('sessions/left-alone-'))?.name;
      return name !== undefined;
    });
    await goneOf(name);
  });

  test('a call that is held: the question is withdrawn, and nothing goes to the provider', async () => {
    const over = new AbortController();
    const asking = env
      .openai()
      .responses.create({ ...MODEL, input: 'File the bulk notes.', stream: true }, { signal: over.signal });
    const failed = expect(asking).rejects.toThrow(APIUserAbortError);
    const { name, exchange } = await pendingApproval(env);
    over.abort();
    await failed;
    const reviewer = env.api(ApprovalService, 'reviewer');
    await until('the question being withdrawn', async () => {
      const { approval } = await reviewer.getApproval({ name });
      return approval?.state === State.WITHDRAWN;
    });
    await goneOf(exchange);
    expect(env.provider.seen).toEqual([]);
  });
});
