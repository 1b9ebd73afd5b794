import { APIError, toFile } from 'openai';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { AuditService } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { PlaneService } from '#proto/sworn/plane/v1/plane_service_pb.ts';
import { renderExchange } from '../../cli/commands/audit/render.ts';
import { answerText, beginEvents, responseEvents } from '../env/answers.ts';
import { type Env, startEnv } from '../env/env.ts';
import { answerEveryRoute } from '../env/every-route.ts';
import { type AnalyzerFault, analyze, type Presidio, startPresidio } from '../env/presidio.ts';
import { deliveredText, recordOf } from '../env/record.ts';
import { until } from '../env/until.ts';

/** What the external detector takes for a name, and the built-in one does not. */
const NAME = 'paper lantern';
const TIMEOUT_MS = 1_500;
const STRICT = `
apiVersion: sworn/v1
kind: Policy
name: strict
spec:
  groups: [clinicians]
  routes: ["*"]
  rules:
    - name: names
      when: findings.PERSON > 1
      deny: {}
    - name: rest
      allow: {}
`;
const OPEN = `
apiVersion: sworn/v1
kind: Policy
name: open
spec:
  groups: [triage]
  externalDetector: { required: false }
  rules: [{ name: all, allow: {} }]
`;

const FORWARDING = `
apiVersion: sworn/v1
kind: Policy
name: forwarding
spec:
  groups: [tracers]
  traces: { forward: true }
  rules: [{ name: all, allow: {} }]
`;

let presidio: Presidio;
let env: Env;
beforeAll(async () => {
  presidio = await startPresidio([NAME]);
  env = await startEnv({
    policies: [STRICT, OPEN, FORWARDING],
    dataPlane: { externalDetector: presidio.url, externalDetectorTimeout: TIMEOUT_MS },
  });
});
afterAll(async () => {
  await env.close();
  await presidio.close();
});
beforeEach(() => {
  env.provider.seen.length = 0;
});
afterEach(() => presidio.fail(undefined));

const HELLO = { model: 'gpt-test', input: 'hello' };
const clinician = () => env.openai('clinician');
const triage = () => env.openai('nurse', { groups: ['triage'] });

async function errorOf(call: Promise<unknown>): Promise<APIError> {
  const error = await call.then(
    () => new Error('it was answered'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(APIError);
  return error as APIError;
}

async function missingIn(id: string): Promise<boolean[]> {
  const { name } = await recordOf(env, id);
  const { records } = await env.api(AuditService, 'auditor').listRecords({ exchange: name });
  return records.map(({ record }) => record?.externalDetectorMissing === true);
}

describe('what the external detector finds', () => {
  test('is more than the built-in one finds', () => {
    expect(createDetector().scan(`About 😀 ${NAME}. First ${NAME} came, says ${NAME}`)).toEqual([]);
  });

  test('counts in the prompt, and policy decides by it', async () => {
    env.provider.behave(answerText('Yes.'));
    const { _request_id } = await clinician().responses.create({ ...HELLO, input: `About 😀 ${NAME}` });
    expect(await recordOf(env, String(_request_id))).toMatchObject({ promptFindings: { PERSON: 1 } });
    expect(await missingIn(String(_request_id))).toEqual([false, false]);
    const twice = { ...HELLO, input: [{ role: 'user' as const, content: `${NAME} and ${NAME}` }] };
    expect(await errorOf(clinician().responses.create(twice))).toMatchObject({ code: 'policy_denied' });
    expect(env.provider.seen).toHaveLength(1);
  });

  test('counts in files, and is masked in them', async () => {
    const file = await toFile(Buffer.from(`${NAME} and ${NAME}`), 'a.txt');
    const uploading = clinician().files.create({ file, purpose: 'user_data' });
    expect(await errorOf(uploading)).toMatchObject({ code: 'policy_denied' });
    for (const [content, masked] of [
      [`First ${NAME} came.\n`, 'First [PERSON] came.\n'],
      [
        `{"a":"${NAME}"}\n{"custom_id":"a","error":"${NAME}"}\n`,
        '{"a":"[PERSON]"}\n{"custom_id":"a","error":"[PERSON]"}\n',
      ],
      [
        `1\n00:00:00,000 --> 00:00:01,000\nFirst paper\n\n2\n00:00:01,000 --> 00:00:02,000\nlantern came\n`,
        `1\n00:00:00,000 --> 00:00:01,000\n\n\n2\n00:00:01,000 --> 00:00:02,000\nFirst [PERSON] came\n`,
      ],
    ] as const) {
      env.provider.behave((_request, response) => {
        response.writeHead(200, { 'content-type': 'application/octet-stream' }).end(content);
      });
      const answer = await clinician().files.content('file-1');
      expect((await answer.text()).replaceAll(/ +\n/g, '\n')).toBe(masked);
    }
  });

  test('is masked in traces that go on, which do not go on unseen', async () => {
    env.provider.behave(answerEveryRoute('fine'));
    const data = [{ object: 'trace.span', span_data: { type: 'function', output: `${NAME} came` } }];
    const token = await env.stack.token({ user: 'tracer', groups: ['tracers'] });
    const send = () =>
      fetch(`${env.stack.openaiBaseUrl}/traces/ingest`, {
        method: 'POST',
        body: JSON.stringify({ data }),
        headers: { authorization: `Bearer ${token}` },
      });
    expect((await send()).status).toBe(200);
    expect(JSON.parse(env.provider.seen[0]?.body ?? '').data[0].span_data.output).toBe('[PERSON] came');
    presidio.fail((_text, response) => response.writeHead(500).end());
    expect((await send()).status).toBe(503);
    expect(env.provider.seen).toHaveLength(1);
  });

  test.each([1, 7, 500])('is masked in every kind of answer alike, in pieces of %i', async (pieceLength) => {
    const text = `${`First ${NAME} came, 😀. `.repeat(9)}Her number is 078-05-1120, says ${NAME}`;
    const masked = `${'First [PERSON] came, 😀. '.repeat(9)}Her number is [US_SSN], says [PERSON]`;
    env.provider.behave(answerText(text, pieceLength));
    const responses = clinician().responses;
    const { chat } = clinician();
    const whole = await responses.create(HELLO);
    expect(whole.output_text).toBe(masked);
    const record = await recordOf(env, String(whole._request_id));
    expect(record.responseFindings).toEqual({ PERSON: 10, US_SSN: 1 });
    expect(deliveredText(record)).not.toContain('lantern');
    const streamed = responses.stream(HELLO);
    let deltas = '';
    streamed.on('response.output_text.delta', ({ delta }) => {
      deltas += delta;
    });
    expect((await streamed.finalResponse()).output_text).toBe(masked);
    expect(deltas).toBe(masked);
    const messages = [{ role: 'user' as const, content: 'hello' }];
    const completion = await chat.completions.create({ model: 'gpt-test', messages });
    expect(completion.choices[0]?.message.content).toBe(masked);
    const chunks = chat.completions.stream({ model: 'gpt-test', messages });
    expect(await chunks.finalContent()).toBe(masked);
  });

  test('is masked in what is stored, for which nobody sends a prompt', async () => {
    env.provider.behave(answerEveryRoute(`It was ${NAME}.`));
    const { data } = await clinician().conversations.items.list('conv_1');
    expect(JSON.stringify(data)).toContain('It was [PERSON].');
  });

  test('is not asked for in the list of models', async () => {
    env.provider.behave(answerText(''));
    presidio.seen.length = 0;
    const { data } = await clinician().models.list();
    expect(data.map(({ id }) => id)).toEqual(['gpt-test']);
    expect(presidio.seen).toEqual([]);
  });

  test('is found in JSON behind its escapes, and the JSON stays valid', async () => {
    env.provider.behave(
      answerText(String.raw`{"what": "paper \u006cantern", "n": [1, "\ud83d\ude00 paper lantern"]}`, 2),
    );
    const { output_text } = await clinician().responses.stream(HELLO).finalResponse();
    expect(output_text).toBe(String.raw`{"what": "[PERSON]", "n": [1, "\ud83d\ude00 [PERSON]"]}`);
  });
});

const FAULTS: readonly (readonly [string, AnalyzerFault])[] = [
  ['breaks off', (_text, response) => response.destroy()],
  ['answers with an error', (_text, response) => response.writeHead(500).end('[]')],
  ['sends elsewhere', (_text, response) => response.writeHead(307, { location: '/other' }).end()],
  ['is malformed', (_text, response) => response.end('[{"entity_type":"PERSON"}]')],
  [
    'points outside of the text',
    (text, response) => {
      response.end(`[{"entity_type":"PERSON","start":0,"end":${text.length + 1},"score":1}]`);
    },
  ],
  ['never ends its answer', (_text, response) => response.write('[')],
  ['never answers', () => {}],
];

describe('a detector that does not answer', () => {
  test.each(FAULTS)('and %s closes the request, with nothing sent to the provider', async (_name, fault) => {
    presidio.fail(fault);
    const error = await errorOf(clinician().responses.create(HELLO));
    expect(error).toMatchObject({ status: 503, code: 'detector_unavailable', type: 'service_unavailable' });
    expect(error.headers?.get('x-should-retry')).toBe('true');
    expect(env.provider.seen).toEqual([]);
    const { outcome } = await recordOf(env, String(error.requestID));
    expect(outcome).toMatchObject({ status: OutcomeStatus.REFUSED, errorCode: 'detector_unavailable' });
    expect(await missingIn(String(error.requestID))).toEqual([true]);
  });

  // Over the end of a line nothing is held back, whatever follows.
  const SEEN = 'The first sentence is long enough to stand for itself, so that it goes out at once.\n';
  const UNSEEN = 'Behind it comes a secret that nobody may read before it has been looked at by both.';
  /** Answers until the secret comes. */
  const failing =
    (fault: AnalyzerFault): AnalyzerFault =>
    (text, response) =>
      text.includes('secret') ? fault(text, response) : response.end(JSON.stringify(analyze(text, [NAME])));

  test.each(FAULTS)('and %s closes an answer: no unseen text gets out', async (_name, fault) => {
    presidio.fail(failing(fault));
    env.provider.behave(answerText(SEEN + UNSEEN));
    const whole = await errorOf(clinician().responses.create(HELLO));
    expect(whole).toMatchObject({ status: 503, code: 'detector_unavailable' });
    const first = Promise.withResolvers<void>();
    env.provider.behave(async (_request, response) => {
      const events = responseEvents(SEEN + UNSEEN, SEEN.length);
      beginEvents(response);
      response.write(events.slice(0, 5).join(''));
      await first.promise;
      response.end(events.slice(5).join(''));
    });
    const stream = clinician().responses.stream(HELLO);
    let deltas = '';
    stream.on('response.output_text.delta', ({ delta }) => {
      deltas += delta;
      if (deltas === SEEN) first.resolve();
    });
    const broken = await errorOf(stream.finalResponse());
    expect(broken).toMatchObject({ code: 'detector_unavailable' });
    expect(deltas).toBe(SEEN);
    for (const { message } of [whole, broken]) {
      const record = await recordOf(env, /record ([0-9a-f-]+)/.exec(message)?.[1] ?? '');
      expect(record.outcome).toMatchObject({
        status: OutcomeStatus.INTERNAL,
        errorCode: 'detector_unavailable',
      });
      expect(deliveredText(record)).not.toContain('Behind');
    }
  });

  test('lets pass what policy says in so many words, with what the built-in detector finds; it is recorded', async () => {
    presidio.fail(failing((_text, response) => response.destroy()));
    env.provider.behave(answerText(`${NAME}. ${SEEN}${UNSEEN} 078-05-1120 ${NAME}`));
    const masked = `[PERSON]. ${SEEN}${UNSEEN} [US_SSN] ${NAME}`;
    const whole = await triage().responses.create(HELLO);
    expect(whole.output_text).toBe(masked);
    expect(await missingIn(String(whole._request_id))).toEqual([false, true]);
    expect((await triage().responses.stream(HELLO).finalResponse()).output_text).toBe(masked);
    presidio.fail((_text, response) => response.destroy());
    const unseen = await triage().responses.create({ ...HELLO, input: 'SSN 078-05-1120' });
    expect(await recordOf(env, String(unseen._request_id))).toMatchObject({ promptFindings: { US_SSN: 1 } });
    expect(await missingIn(String(unseen._request_id))).toEqual([true, true]);
  });

  test('is seen by people: in the exchange, at the plane, and in the list of planes until it answers', async () => {
    const errors = async () => {
      const { planes } = await env.api(PlaneService, 'admin').listPlanes({});
      return planes.map(({ detectorError }) => detectorError);
    };
    const ready = async () =>
      (await fetch(`${env.stack.openaiBaseUrl.replace('/v1', '')}/healthz/ready`)).json();
    env.provider.behave(answerText('Yes.'));
    const seen = await clinician().responses.create(HELLO);
    expect(await recordOf(env, String(seen._request_id))).toMatchObject({ externalDetectorMissing: false });
    expect(await ready()).toMatchObject({ ok: true, externalDetector: 'ok' });

    presidio.fail(failing((_text, response) => response.writeHead(500).end()));
    env.provider.behave(answerText(UNSEEN));
    const answered = await triage().responses.create(HELLO);
    const exchange = await recordOf(env, String(answered._request_id));
    expect(exchange).toMatchObject({ externalDetectorMissing: true });
    expect(renderExchange(exchange)).toContain('not seen by    the external detector');
    const why = 'a malformed answer: status 500';
    expect(await ready()).toMatchObject({ ok: true, externalDetector: why });
    await until('the list has it', async () => (await errors())[0] === why);

    presidio.fail(undefined);
    await clinician().responses.create(HELLO);
    await until('the list has it no more', async () => (await errors())[0] === '');
  });

  test('what was let pass is on record when the answer breaks off too', async () => {
    presidio.fail(failing((_text, response) => response.destroy()));
    env.provider.behave((_request, response) => {
      beginEvents(response);
      response.end(
        responseEvents(SEEN + UNSEEN, SEEN.length)
          .slice(0, 7)
          .join(''),
      );
    });
    const broken = await errorOf(triage().responses.stream(HELLO).finalResponse());
    expect(broken).toMatchObject({ code: 'upstream_disconnected' });
    const id = /record ([0-9a-f-]+)/.exec(broken.message)?.[1] ?? '';
    expect(await missingIn(id)).toEqual([false, true]);
  });

  test('closes the request when any policy that applies does not let it pass', async () => {
    presidio.fail((_text, response) => response.destroy());
    const both = env.openai('clinician', { groups: ['clinicians', 'triage'] });
    expect(await errorOf(both.responses.create(HELLO))).toMatchObject({ code: 'detector_unavailable' });
  });
});
