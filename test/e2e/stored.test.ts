import { createHash } from 'node:crypto';
import type OpenAI from 'openai';
import { toFile } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { ApprovalService } from '#proto/sworn/approval/v1/approval_service_pb.ts';
import { type OpaqueContent, OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { beginEvents, responseEvents } from '../env/answers.ts';
import { pendingApproval } from '../env/approvals.ts';
import { type Env, startEnv } from '../env/env.ts';
import { answerEveryRoute, PICTURE, SOUND } from '../env/every-route.ts';
import { deliveredText, promptText, recordOf } from '../env/record.ts';

// Published as an example, and never issued.
const NUMBER = '078-05-1120';
const TEXT = `SSN ${NUMBER}`;
const MASKED = 'SSN [US_SSN]';
const PDF = Buffer.from('%PDF-1.7\n\0\xff');
const PICTURE_BYTES = Buffer.from(PICTURE, 'base64');

/** Who may store: texts without an SSN; "bulk" waits for the privacy office. Imagers also what cannot be read, of two kinds. */
const POLICIES = `
apiVersion: sworn/v1
kind: Policy
name: storers
spec:
  groups: [filers, imagers]
  routes: ["files.*", "containers.files.content", "uploads.*", "batches.*", responses.create, "audio.*", "images.*"]
  models: ["gpt-*"]
  parameters: { files: { allow: ["file-*"] } }
  patterns: { bulk: '(?i)\\bbulk\\b' }
  rules:
    - name: ssn
      when: findings.US_SSN > 0
      deny: {}
    - name: bulk
      when: patterns.bulk
      requireApproval: { reviewers: [privacy-office] }
    - name: rest
      allow: {}
---
apiVersion: sworn/v1
kind: Policy
name: pictures
spec:
  groups: [imagers]
  rules:
    - name: rest
      allow: {}
  opaque: { allow: [image, audio] }
`;

let env: Env;
let filer: OpenAI;
let imager: OpenAI;
beforeAll(async () => {
  env = await startEnv({ policies: [POLICIES], dataPlane: { holdWhole: 600 } });
  filer = env.openai('filer', { groups: ['filers'] });
  imager = env.openai('imager', { groups: ['imagers'] });
});
afterAll(() => env.close());
beforeEach(() => {
  env.provider.behave(answerEveryRoute(TEXT));
  env.provider.seen.length = 0;
});

const upload = async (
  client: OpenAI,
  content: string | Buffer,
  name = 'note.txt',
  purpose = 'user_data' as const,
) => client.files.create({ file: await toFile(Buffer.from(content), name), purpose }).withResponse();
const failed = async (call: Promise<unknown>) =>
  call.then(() => undefined).catch((thrown: unknown) => thrown);
/** The form that reached the provider, as Node reads it. */
const sentForm = async () => {
  const [{ headers, body }] = env.provider.seen as [(typeof env.provider.seen)[number]];
  return new Response(body, { headers: { 'content-type': String(headers['content-type']) } }).formData();
};
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');
/** What a record says was not read, its digests in hexadecimal. */
const unread = (content: { opaque: OpaqueContent[] } | undefined) =>
  content?.opaque.map((one) => ({ ...one, sha256: Buffer.from(one.sha256).toString('hex') }));
const idOf = (error: unknown) => (error as { requestID: string }).requestID;

describe('files', () => {
  test('a text goes to the provider as it is, and is recorded as it came', async () => {
    const { data, request_id } = await upload(filer, 'Ward 3 is quiet.\r\n');
    expect(data.filename).toBe(MASKED);
    const form = await sentForm();
    const file = form.get('file') as File;
    expect([form.get('purpose'), file.name, await file.text()]).toEqual([
      'user_data',
      'note.txt',
      'Ward 3 is quiet.\r\n',
    ]);
    const record = await recordOf(env, String(request_id));
    expect(record).toMatchObject({ route: 'files.create', outcome: { status: OutcomeStatus.COMPLETED } });
    expect(promptText(record)).toMatch(/^------formdata-undici-.*Ward 3 is quiet\./s);
  });

  test.each([
    ['text', TEXT, 'note.txt'],
    ['a name', 'x', `${NUMBER}.txt`],
    ['JSON with escapes', '{"a":"SSN 07\\u0038-05-1120"}', 'a.json'],
    ['UTF-16', Buffer.from(`\ufeff${TEXT}`, 'utf16le'), 'a.txt'],
    ['the mark of UTF-8', `\ufeff${TEXT}`, 'a.csv'],
  ])('what policy does not let pass is refused: %s', async (_what, content, name) => {
    const error = await failed(upload(filer, content, name));
    expect(error).toMatchObject({ status: 403, code: 'policy_denied' });
    expect((await recordOf(env, idOf(error))).promptFindings).toEqual({ US_SSN: 1 });
    expect(env.provider.seen).toEqual([]);
  });

  test.each([
    ['a document', PDF, 'a.pdf', 'pdf'],
    ['an archive that is called a text', Buffer.from('PK\x03\x04\0\0'), 'a.txt', 'other'],
    ['a text with a NUL', Buffer.from(`${TEXT}\0`), 'a.txt', 'other'],
    ['a picture', PICTURE_BYTES, 'a.png', 'image'],
  ])('what cannot be read is refused: %s', async (_what, content, name, kind) => {
    const error = await failed(upload(filer, content, name));
    expect(error).toMatchObject({
      status: 403,
      code: 'no_policy',
      message: expect.stringContaining(`(${kind})`),
    });
    expect(unread((await recordOf(env, idOf(error))).prompt)).toMatchObject([
      { place: 'file', kind, size: BigInt(content.length), sha256: sha256(content) },
    ]);
    expect(env.provider.seen).toEqual([]);
  });

  test('what a policy lets through goes on, with its digest on record', async () => {
    const { request_id } = await upload(imager, PICTURE_BYTES, 'a.png');
    const { prompt } = await recordOf(env, String(request_id));
    expect(unread(prompt)).toMatchObject([{ kind: 'image', sha256: sha256(PICTURE_BYTES) }]);
    expect(await failed(upload(imager, PDF, 'a.pdf'))).toMatchObject({ code: 'policy_denied' });
  });

  test('a reviewer reads the file, and the same call again is the same request', async () => {
    const call = () => upload(filer, 'bulk export', 'a.txt');
    expect(await failed(call())).toMatchObject({ status: 403, code: 'approval_pending' });
    const { name } = await pendingApproval(env, 'filer');
    const reviewer = env.api(ApprovalService, 'reviewer');
    const { approval } = await reviewer.getApproval({ name });
    expect(approval?.prompt).toContainEqual(expect.objectContaining({ place: 'file', text: 'bulk export' }));
    await reviewer.approveApproval({ name, reason: '' });
    expect(await failed(upload(filer, 'bulk of others', 'a.txt'))).toMatchObject({
      code: 'approval_pending',
    });
    expect(env.provider.seen).toEqual([]);
    // The SDK draws a new boundary for each call.
    await call();
    expect(env.provider.seen).toHaveLength(1);
    expect(await failed(call())).toMatchObject({ code: 'approval_pending' });
  });

  test('a download is masked; of what cannot be read only what policy lets through comes back', async () => {
    const { data, request_id } = await filer.files.content('file-1').withResponse();
    expect(await data.text()).toBe(MASKED);
    expect(deliveredText(await recordOf(env, String(request_id)))).toBe(MASKED);

    env.provider.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).end(PICTURE_BYTES);
    });
    const error = await failed(filer.files.content('file-1'));
    expect(error).toMatchObject({ status: 403, code: 'opaque_answer' });
    const refused = await recordOf(env, idOf(error));
    expect(refused.outcome).toMatchObject({
      status: OutcomeStatus.UPSTREAM_FAILED,
      errorCode: 'opaque_answer',
    });
    const got = await imager.files.content('file-1').withResponse();
    expect(Buffer.from(await got.data.arrayBuffer())).toEqual(PICTURE_BYTES);
    const { delivery } = await recordOf(env, String(got.request_id));
    expect(unread(delivery)).toMatchObject([{ kind: 'image', sha256: sha256(PICTURE_BYTES) }]);
  });

  test('a piece of an upload is let through by nobody here', async () => {
    const data = await toFile(Buffer.from('words'), 'blob');
    expect(await failed(filer.uploads.parts.create('upload_1', { data }))).toMatchObject({
      code: 'no_policy',
    });
    expect(await failed(imager.uploads.parts.create('upload_1', { data }))).toMatchObject({
      code: 'policy_denied',
    });
    expect(env.provider.seen).toEqual([]);
  });
});

describe('batches', () => {
  const line = (body: object, url = '/v1/responses', id = 'a') =>
    JSON.stringify({ custom_id: id, method: 'POST', url, body });
  const BODY = { model: 'gpt-test', input: 'hello' };
  const batch = (client: OpenAI, ...lines: string[]) =>
    upload(client, `${lines.join('\n')}\n`, 'b.jsonl', 'batch' as never);

  test('requests that policy allows go on', async () => {
    await batch(filer, line(BODY), line(BODY, '/v1/responses', 'b'));
    const file = (await sentForm()).get('file') as File;
    expect(await file.text()).toBe(`${line(BODY)}\n${line(BODY, '/v1/responses', 'b')}\n`);
    await filer.batches.create({
      input_file_id: 'file-1',
      endpoint: '/v1/responses',
      completion_window: '24h',
    });
    expect(env.provider.seen).toHaveLength(2);
  });

  test.each([
    ['a model that is not allowed', line({ ...BODY, model: 'o9' }), 'no_policy', 'line 2 (responses.create)'],
    ['a route that is not allowed', line(BODY, '/v1/embeddings'), 'no_policy', 'line 2 (embeddings.create)'],
    ['a route that is not served', line(BODY, '/v1/fine_tuning/jobs'), 'invalid_request', 'Line 2'],
    ['a number', line({ ...BODY, input: TEXT }), 'policy_denied', ''],
    ['a number in an id', line(BODY, '/v1/responses', `a-${NUMBER}`), 'policy_denied', ''],
    ['a hidden line', `${line(BODY)}\r${line(BODY, '/v1/evals')}`, 'invalid_request', 'Line 2'],
  ])('refused as a whole for %s', async (_what, bad, code, words) => {
    const error = await failed(batch(filer, line(BODY), bad, line(BODY)));
    expect(error).toMatchObject({ code, message: expect.stringContaining(words) });
    expect(env.provider.seen).toEqual([]);
  });

  test('media in a line are judged as those of its request', async () => {
    const image = { type: 'input_image', image_url: `data:image/png;base64,${PDF.toString('base64')}` };
    const withImage = line({ ...BODY, input: [{ role: 'user', content: [image] }] });
    expect(await failed(batch(imager, withImage))).toMatchObject({ code: 'policy_denied' });
    await batch(filer, withImage);
  });

  test('a line that needs an approval holds the file', async () => {
    expect(await failed(batch(filer, line(BODY), line({ ...BODY, input: 'bulk' })))).toMatchObject({
      code: 'approval_pending',
    });
  });

  test('a batch is for a route that its caller may use', async () => {
    const create = (endpoint: '/v1/embeddings') =>
      filer.batches.create({ input_file_id: 'file-1', endpoint, completion_window: '24h' });
    expect(await failed(create('/v1/embeddings'))).toMatchObject({ code: 'no_policy' });
    expect(await failed(create('/v1/files' as '/v1/embeddings'))).toMatchObject({ code: 'invalid_request' });
    expect(env.provider.seen).toEqual([]);
  });

  test('what comes of a batch is masked line by line, and keeps its ids where no model wrote the file', async () => {
    const answer = {
      id: 'batch_req_0123456789abcdef',
      custom_id: `patient-${NUMBER}`,
      response: { body: { output_text: TEXT } },
    };
    const output = `${JSON.stringify(answer)}\n`.repeat(2);
    env.provider.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(output);
    });
    const content = await (await filer.files.content('file-2')).text();
    expect(content).toBe(output.replaceAll(TEXT, MASKED));
    const made = await filer.containers.files.content.retrieve('cfile_1', { container_id: 'cntr_1' });
    expect(await made.text()).toMatch(/^(\{"id":"batch_req_\w+","custom_id":"id_[b-v]{16}",.*\}\n){2}$/);
  });
});

describe('audio and images', () => {
  const sound = () => toFile(SOUND, 'a.mp3');

  test('a transcript is masked, in every form', async () => {
    const ask = { model: 'gpt-transcribe' };
    const whole = await imager.audio.transcriptions.create({ ...ask, file: await sound() });
    expect(whole.text).toBe(MASKED);
    const stream = await imager.audio.transcriptions.create({ ...ask, file: await sound(), stream: true });
    let text = '';
    let done = '';
    for await (const event of stream) {
      if (event.type === 'transcript.text.delta') text += event.delta;
      if (event.type === 'transcript.text.done') done = event.text;
    }
    expect([text, done]).toEqual([MASKED, MASKED]);
    env.provider.behave((_request, response) => {
      const subtitles =
        '1\n00:00:00,000 --> 00:00:01,000\nSSN 078 05\n\n2\n00:00:01,000 --> 00:00:02,000\n1120\n';
      response.writeHead(200, { 'content-type': 'text/plain; charset=utf-8' }).end(subtitles);
    });
    const srt = await imager.audio.transcriptions.create({
      ...ask,
      file: await sound(),
      response_format: 'srt',
    });
    expect(String(srt)).toMatch(/-->.*\n[^-]*-->/s);
    expect(String(srt)).toContain('[US_SSN]');
    expect(String(srt)).not.toContain('1120');
  });

  test('sound that policy does not let through does not reach the provider, nor is any made', async () => {
    expect(
      await failed(filer.audio.transcriptions.create({ model: 'gpt-test', file: await sound() })),
    ).toMatchObject({ code: 'no_policy' });
    const speech = filer.audio.speech.create({ model: 'gpt-test', input: 'hello', voice: 'alloy' });
    expect(await failed(speech)).toMatchObject({ code: 'no_policy' });
    expect(await failed(filer.images.generate({ model: 'gpt-test', prompt: 'x' }))).toMatchObject({
      code: 'no_policy',
    });
    expect(env.provider.seen).toEqual([]);
  });

  test('speech comes as it is made, whole and in events', async () => {
    const ask = { model: 'gpt-test', input: 'hello', voice: 'alloy' };
    const whole = await imager.audio.speech.create(ask).withResponse();
    expect(Buffer.from(await whole.data.arrayBuffer())).toEqual(SOUND);
    const { delivery } = await recordOf(env, String(whole.request_id));
    expect(unread(delivery)).toMatchObject([
      { kind: 'audio', mediaType: 'audio/mpeg', sha256: sha256(SOUND) },
    ]);
    const events = await imager.audio.speech.create({ ...ask, stream_format: 'sse' }).withResponse();
    expect(await events.data.text()).toContain(SOUND.toString('base64'));
    const streamed = await recordOf(env, String(events.request_id));
    expect(unread(streamed.delivery)).toMatchObject([{ sha256: sha256(Buffer.concat([SOUND, SOUND])) }]);
  });

  test('pictures come whole and in events, their words masked', async () => {
    const ask = { model: 'gpt-test', prompt: 'a ward' };
    const whole = await imager.images.generate(ask);
    expect(whole.data).toEqual([{ b64_json: PICTURE, revised_prompt: MASKED }]);
    const types: string[] = [];
    for await (const event of await imager.images.generate({ ...ask, stream: true })) {
      types.push(event.type);
      expect(JSON.stringify(event)).not.toContain(NUMBER);
    }
    expect(types).toEqual([
      'image_generation.partial_image',
      'image_generation.completed',
      'image_generation.completed',
    ]);
  });

  test('media in the JSON of other routes: as ever, unless a policy that speaks of such leaves their kind out', async () => {
    const file_data = `data:application/pdf;base64,${PDF.toString('base64')}`;
    const input = [
      { role: 'user' as const, content: [{ type: 'input_file' as const, filename: 'a', file_data }] },
    ];
    const ask = (client: OpenAI) => client.responses.create({ model: 'gpt-test', input }).withResponse();
    const { request_id } = await ask(filer);
    expect(unread((await recordOf(env, String(request_id))).prompt)).toMatchObject([
      {
        place: 'input[0].content[0].file_data',
        kind: 'pdf',
        mediaType: 'application/pdf',
        sha256: sha256(PDF),
      },
    ]);
    expect(await failed(ask(imager))).toMatchObject({ code: 'policy_denied' });
  });
});

test('a stream ends where it holds what policy does not let through', async () => {
  const base64 = Buffer.concat([PDF, Buffer.alloc(90, 0xff)]).toString('base64');
  const [begin = '', ...others] = responseEvents('hello', 3);
  const picture = {
    type: 'response.image_generation_call.partial_image',
    partial_image_b64: base64,
    sequence_number: 1,
  };
  const begun = Promise.withResolvers<void>();
  env.provider.behave(async (_request, response) => {
    beginEvents(response);
    response.write(begin);
    await begun.promise;
    response.end([`data: ${JSON.stringify(picture)}\n\n`, ...others].join(''));
  });
  const types: string[] = [];
  const stream = await imager.responses.create({ model: 'gpt-test', input: 'hello', stream: true });
  const error = await failed(
    (async () => {
      for await (const event of stream) {
        types.push(event.type);
        begun.resolve();
      }
    })(),
  );
  expect(types).toEqual(['response.created']);
  expect(error).toMatchObject({ code: 'opaque_answer' });
});
