import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { Action } from '#proto/sworn/policy/v1/decision_pb.ts';
import { answerText } from '../env/answers.ts';
import { type Env, startEnv } from '../env/env.ts';
import { PROVIDER_KEY } from '../env/provider.ts';
import { deliveredText, promptText, recordOf } from '../env/record.ts';

// Invented data: no real person's.
const TEXT =
  'Patient: Maria Beispiel, SSN 078-05-1120, MRN 00482913. Call (555) 010-4477, or write to m@example.org.';
const MASKED =
  'Patient: [PERSON], SSN [US_SSN], MRN [MRN]. Call [PHONE_NUMBER], or write to [EMAIL_ADDRESS].';

let env: Env;
beforeAll(async () => {
  env = await startEnv();
});
afterAll(() => env.close());

describe('the openai SDK through Sworn', () => {
  test('Responses: a whole answer arrives masked, and the record has prompt, decision and answer', async () => {
    env.provider.behave(answerText(TEXT));
    const answer = await env.openai().responses.create({ model: 'gpt-test', input: 'Who was that?' });
    expect(answer.output_text).toBe(MASKED);

    const record = await recordOf(env, String(answer._request_id));
    expect(record.caller?.subject).toBe('clinician');
    expect(record.decision?.action).toBe(Action.ALLOW);
    expect(promptText(record)).toContain('"Who was that?"');
    expect(deliveredText(record)).toContain(MASKED);
    expect(deliveredText(record)).not.toContain('078-05-1120');
    expect(record.responseFindings).toMatchObject({
      PERSON: 1,
      US_SSN: 1,
      MRN: 1,
      PHONE_NUMBER: 1,
      EMAIL_ADDRESS: 1,
    });
    expect(record.outcome?.status).toBe(OutcomeStatus.COMPLETED);
    expect(record.usage?.inputTokens).toBe(11n);
    expect(record.upstreamRequestId).toBe('req_provider');
  });

  test.each([1, 2, 3, 7, 50])(
    'Responses: a stream in pieces of %i says the same everywhere',
    async (length) => {
      env.provider.behave(answerText(TEXT, length));
      const stream = env.openai().responses.stream({ model: 'gpt-test', input: 'Who was that?' });
      let deltas = '';
      const numbers: number[] = [];
      let done = '';
      for await (const event of stream) {
        numbers.push(event.sequence_number);
        if (event.type === 'response.output_text.delta') deltas += event.delta;
        if (event.type === 'response.output_text.done') done = event.text;
      }
      const final = await stream.finalResponse();
      expect(deltas).toBe(MASKED);
      expect(done).toBe(MASKED);
      expect(final.output_text).toBe(MASKED);
      expect(numbers).toEqual(numbers.map((_, index) => (numbers[0] ?? 0) + index));
    },
  );

  test('Chat Completions: whole and streamed agree', async () => {
    env.provider.behave(answerText(TEXT));
    const chat = { model: 'gpt-test', messages: [{ role: 'user' as const, content: 'Who was that?' }] };
    const whole = await env.openai().chat.completions.create(chat);
    const stream = await env.openai().chat.completions.create({ ...chat, stream: true });
    let text = '';
    let usage: unknown;
    for await (const chunk of stream) {
      text += chunk.choices[0]?.delta.content ?? '';
      usage = chunk.usage ?? usage;
    }
    expect(whole.choices[0]?.message.content).toBe(MASKED);
    expect(text).toBe(MASKED);
    expect(usage).toMatchObject({ total_tokens: 18 });
  });

  test('Models, and every route without /v1 too', async () => {
    env.provider.behave(answerText('hello'));
    const bare = env.openai('clinician', { baseURL: env.stack.dataPlaneUrl });
    const models = await bare.models.list();
    expect(models.data.map(({ id }) => id)).toEqual(['gpt-test']);
    const answer = await bare.responses.create({ model: 'gpt-test', input: 'hi' });
    expect(answer.output_text).toBe('hello');
  });

  test('the provider sees its own key and nothing of the caller', async () => {
    env.provider.behave(answerText('hello'));
    await env
      .openai()
      .responses.create({ model: 'gpt-test', input: 'hi' }, { headers: { 'X-Sworn-Session': 'visit-1' } });
    const { headers } = env.provider.seen.at(-1) ?? {};
    expect(headers?.authorization).toBe(`Bearer ${PROVIDER_KEY}`);
    const names = Object.keys(headers ?? {});
    expect(names.filter((name) => name.startsWith('x-'))).toEqual([]);
    expect(names).not.toContain('openai-organization');
  });

  test('a named session holds its exchanges; another caller cannot join it by its name', async () => {
    env.provider.behave(answerText('hello'));
    const ask = (client: OpenAI) =>
      client.responses.create(
        { model: 'gpt-test', input: 'hi' },
        { headers: { 'X-Sworn-Session': 'round-1' } },
      );
    const mine = env.openai();
    const token = await env.stack.token({ user: 'colleague', groups: ['clinicians'] });
    const theirs = new OpenAI({ baseURL: env.stack.openaiBaseUrl, apiKey: token, maxRetries: 0 });
    const [first, second, other] = [await ask(mine), await ask(mine), await ask(theirs)];
    const sessions = await Promise.all(
      [first, second, other].map(
        async ({ _request_id }) => (await recordOf(env, String(_request_id))).session,
      ),
    );
    expect(sessions[0]).toMatch(/^sessions\/round-1-/);
    expect(sessions[1]).toBe(sessions[0]);
    expect(sessions[2]).not.toBe(sessions[0]);
  });
});
