import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { answerText } from '../env/answers.ts';
import { type Env, startEnv } from '../env/env.ts';
import { deliveredText, recordOf } from '../env/record.ts';
import { connectTo } from '../env/sockets.ts';

const POLICY = `
apiVersion: sworn/v1
kind: Policy
name: choices
spec:
  groups: [clinicians]
  rules: [{ name: ordinary, allow: {} }]
  mask:
    default: placeholder
    entities: { PERSON: numbered, MRN: hash, US_SSN: last-four, DATE_OF_BIRTH: shift }
`;

// Invented data: no real person's.
const TEXT =
  'Patient: Maria Beispiel, SSN 078-05-1120, MRN 00482913, DOB: 03/14/1975. Seen by Dr. Max Muster. ' +
  'Mrs. Maria Beispiel, born on March 24, 1975, write to m@example.org.';
const MASKED =
  /^Patient: \[PERSON_1\], SSN \[US_SSN_ENDING_1120\], MRN (\[MRN_[a-z]{16}\]), DOB: (\d\d\/\d\d\/\d{4})\. Seen by Dr\. \[PERSON_2\]\. Mrs\. \[PERSON_1\], born on (\w+ \d+, \d{4}), write to \[EMAIL_ADDRESS\]\.$/;
const DAY_MS = 86_400_000;

let env: Env;
beforeAll(async () => {
  env = await startEnv({ policies: [POLICY] });
});
afterAll(() => env.close());

const headers = (session: string) => ({ headers: { 'x-sworn-session': session } });

async function ask(session: string, text = TEXT) {
  env.provider.behave(answerText(text));
  const body = { model: 'gpt-test', input: 'Who?' };
  return await env.openai().responses.create(body, headers(session));
}

describe('the masking choices of a policy', () => {
  test('hold in answers and records; dates keep what lies between them', async () => {
    const answer = await ask('visit-1');
    const [, , dob = '', born = ''] = MASKED.exec(answer.output_text) ?? [];
    expect(answer.output_text).toMatch(MASKED);
    const [one, other] = [new Date(`${dob} UTC`), new Date(`${born} UTC`)].map((date) => date.getTime());
    expect(((other ?? 0) - (one ?? 0)) / DAY_MS).toBe(10);
    expect(dob).not.toBe('03/14/1975');
    const record = await recordOf(env, String(answer._request_id));
    expect(deliveredText(record)).toContain(answer.output_text);
    expect(record.responseFindings).toMatchObject({ PERSON: 3, MRN: 1, US_SSN: 1, DATE_OF_BIRTH: 2 });
  });

  test('a stream says the same everywhere, whatever its pieces', async () => {
    const whole = (await ask('visit-2')).output_text;
    for (const length of [1, 7, 50]) {
      env.provider.behave(answerText(TEXT, length));
      const body = { model: 'gpt-test', input: 'Who?' };
      const stream = env.openai().responses.stream(body, headers('visit-2'));
      let deltas = '';
      let done = '';
      for await (const event of stream) {
        if (event.type === 'response.output_text.delta') deltas += event.delta;
        if (event.type === 'response.output_text.done') done = event.text;
      }
      expect([deltas, done, (await stream.finalResponse()).output_text]).toEqual([whole, whole, whole]);
    }
  });

  test('a session keeps its numbers, another one has its own and its own dates; tokens are the same', async () => {
    const first = (await ask('visit-3', 'Seen by Dr. Max Muster. MRN 00482913, DOB: 03/14/1975')).output_text;
    const again = (await ask('visit-3', 'Mrs. Maria Beispiel, Dr. Max Muster')).output_text;
    expect(first).toMatch(/^Seen by Dr\. \[PERSON_1\]\./);
    expect(again).toBe('Mrs. [PERSON_2], Dr. [PERSON_1]');
    const [token, date] = [/\[MRN_[a-z]+\]/, /\d\d\/\d\d\/\d{4}/];
    const dates = new Set([date.exec(first)?.[0]]);
    for (const session of ['visit-4', 'visit-5', 'visit-6']) {
      const other = (await ask(session, 'Mrs. Maria Beispiel, MRN 00482913, DOB: 03/14/1975')).output_text;
      expect(other).toMatch(/^Mrs\. \[PERSON_1\],/);
      expect(token.exec(other)?.[0]).toBe(token.exec(first)?.[0]);
      dates.add(date.exec(other)?.[0]);
    }
    // By chance two sessions may have the same shift, but hardly all four.
    expect(dates.size).toBeGreaterThan(1);
  });

  test('hold where a provider does not take a connection, in the words of the session', async () => {
    const before = (await ask('visit-7')).output_text;
    const body = JSON.stringify({ error: { message: 'Nothing of Dr. Max Muster.', code: 'no_project' } });
    const head = `HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;
    env.provider.upgrade((_request, socket) => socket.end(head + body));
    const caller = await connectTo(env, '/responses', headers('visit-7'));
    caller.send({ type: 'response.create', model: 'gpt-test', input: 'Who?' });
    const name = /Dr\. (\[PERSON_\d\])/.exec(before)?.[1];
    expect(await caller.next()).toMatchObject({ error: { message: `Nothing of Dr. ${name}.` } });
    caller.socket.terminate();
  });
});
