import { APIError } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { OutcomeStatus } from '#proto/sworn/audit/v1/record_pb.ts';
import { answerText, beginEvents, responseEvents, sendEvents } from '../env/answers.ts';
import { type Env, startEnv } from '../env/env.ts';
import { sendJson } from '../env/provider.ts';
import { deliveredText, recordOf } from '../env/record.ts';
import { until } from '../env/until.ts';

let env: Env;
beforeAll(async () => {
  env = await startEnv({ dataPlane: { upstreamHeadersTimeout: 1_000, upstreamIdleTimeout: 1_000 } });
});
afterAll(() => env.close());
beforeEach(() => {
  env.provider.seen.length = 0;
});

const HELLO = { model: 'gpt-test', input: 'hello' };

async function raised(asking: Promise<unknown>): Promise<APIError> {
  const error = await asking.then(
    () => new Error('it was answered'),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(APIError);
  return error as APIError;
}

async function drainStream(stream: AsyncIterable<unknown>): Promise<number> {
  let count = 0;
  for await (const _event of stream) count += 1;
  return count;
}

describe('what the provider does wrong reaches the caller as a clear error', () => {
  test.each([429, 500])('its own %i, masked, with its retry advice', async (status) => {
    env.provider.behave((_request, response) => {
      const error = { message: 'about 078-05-1120', type: 'some_type', code: 'some_code', param: null };
      sendJson(
        response,
        status,
        { error },
        { 'retry-after': '7', 'x-should-retry': 'false', 'set-cookie': 'a=b' },
      );
    });
    const error = await raised(env.openai().responses.create(HELLO));
    expect(error).toMatchObject({ status, code: 'some_code', type: 'some_type' });
    expect(error.message).toContain('about [US_SSN]');
    expect(error.headers?.get('retry-after')).toBe('7');
    expect(error.headers?.get('set-cookie')).toBeNull();
    const record = await recordOf(env, String(error.requestID));
    expect(record.outcome).toMatchObject({ status: OutcomeStatus.UPSTREAM_FAILED, httpStatus: status });
  });

  test('its own 401 without the key that it quotes', async () => {
    env.provider.behave(({ headers }, response) => {
      const key = String(headers['authorization']).replace('Bearer ', '');
      expect(key.length).toBeGreaterThan(7);
      sendJson(response, 401, { error: { message: `Incorrect key: ${key}.`, type: 'auth', code: null } });
    });
    const error = await raised(env.openai().responses.create(HELLO));
    expect(error.message).toContain('Incorrect key: [REDACTED].');
    expect(deliveredText(await recordOf(env, String(error.requestID)))).toContain('[REDACTED].');
  });

  test('a 429 is retried by the SDK, and each attempt is recorded', async () => {
    let attempts = 0;
    env.provider.behave((request, response) => {
      attempts += 1;
      if (attempts === 1) sendJson(response, 429, { error: { message: 'later' } }, { 'retry-after-ms': '1' });
      else answerText('at last')(request, response);
    });
    const answer = await env.openai('clinician', { maxRetries: 1 }).responses.create(HELLO);
    expect(answer.output_text).toBe('at last');
    expect(attempts).toBe(2);
  });

  test('no answer at all', async () => {
    env.provider.behave(() => {});
    const error = await raised(env.openai().responses.create(HELLO));
    expect(error).toMatchObject({ status: 504, code: 'upstream_timeout' });
    const record = await recordOf(env, String(error.requestID));
    expect(record.outcome?.status).toBe(OutcomeStatus.UPSTREAM_FAILED);
  });

  test('a connection that breaks before the answer', async () => {
    env.provider.behave((_request, response) => {
      response.destroy();
    });
    expect(await raised(env.openai().responses.create(HELLO))).toMatchObject({
      status: 502,
      code: 'upstream_disconnected',
    });
  });

  test('a stream that breaks off: what came is delivered, then an error event; nothing half-masked', async () => {
    env.provider.behave((_request, response) => {
      beginEvents(response);
      const events = responseEvents('The number is 078-05-1120 today.', 2);
      for (const event of events.slice(0, 13)) response.write(event);
      response.write('event: half\nda', () => response.destroy());
    });
    const stream = await env.openai().responses.create({ ...HELLO, stream: true });
    let text = '';
    const error = await raised(
      (async () => {
        for await (const event of stream)
          if (event.type === 'response.output_text.delta') text += event.delta;
      })(),
    );
    expect(error).toMatchObject({ code: 'upstream_disconnected' });
    expect('The number is [US_SSN]'.startsWith(text.trimEnd())).toBe(true);
    expect(text).not.toMatch(/\d/);
  });

  test('a stream that falls silent', async () => {
    env.provider.behave((_request, response) => {
      beginEvents(response);
      response.write(responseEvents('hello', 2)[0]);
    });
    const stream = await env.openai().responses.create({ ...HELLO, stream: true });
    expect(await raised(drainStream(stream))).toMatchObject({ code: 'upstream_timeout' });
  });

  test('an answer that is neither JSON nor a stream is not passed on', async () => {
    env.provider.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<p>078-05-1120</p>');
    });
    const error = await raised(env.openai().responses.create(HELLO));
    expect(error).toMatchObject({ status: 502, code: 'upstream_unreadable' });
    expect(error.message).not.toContain('078-05');
  });

  test('JSON that does not parse, and an event that does not parse, are not passed on', async () => {
    env.provider.behave((_request, response) => {
      response.writeHead(200, { 'content-type': 'application/json' }).end('{"output":"078-05-1120"');
    });
    const whole = await raised(env.openai().responses.create(HELLO));
    expect(whole).toMatchObject({ status: 502, code: 'upstream_unreadable' });

    env.provider.behave((_request, response) => sendEvents(response, ['data: {"text":"078-05-1120"\n\n']));
    const stream = await raised(
      env
        .openai()
        .responses.create({ ...HELLO, stream: true })
        .then(drainStream),
    );
    expect(stream.message).not.toContain('078-05');
    expect(stream).toMatchObject({ code: 'upstream_unreadable' });
  });

  test('a provider that cannot be reached', async () => {
    const other = await startEnv();
    try {
      await other.provider.close();
      const error = await raised(other.openai().responses.create(HELLO));
      expect(error).toMatchObject({ status: 502, code: 'upstream_unreachable' });
    } finally {
      await other.close();
    }
  });
});

describe('a caller who goes away in mid-stream', () => {
  test('ends the upstream call, and the record has exactly what was delivered', async () => {
    const closed = Promise.withResolvers<void>();
    env.provider.behave((_request, response) => {
      beginEvents(response);
      for (const event of responseEvents('one; two; three; four; five', 4).slice(0, 9)) response.write(event);
      response.on('close', () => closed.resolve());
    });
    const asking = env.openai().responses.create({ ...HELLO, stream: true });
    const { data: stream, request_id } = await asking.withResponse();
    let seen = '';
    for await (const event of stream) {
      if (event.type !== 'response.output_text.delta') continue;
      seen += event.delta;
      break;
    }
    stream.controller.abort();
    await closed.promise;
    const record = await recordOf(env, String(request_id));
    expect(record.outcome?.status).toBe(OutcomeStatus.CLIENT_GONE);
    expect(deliveredText(record)).toContain(JSON.stringify(seen).slice(1, -1));
    expect(deliveredText(record)).not.toContain('response.completed');
    expect(Number(record.outcome?.deliveredBytes)).toBe(Buffer.byteLength(deliveredText(record)));
  });
});

describe('a caller that reads slowly', () => {
  const PIECE = 'and '.repeat(6_144);
  /** More than all buffers of sockets on the way take. */
  const PIECES = 1_500;

  test('holds back the provider, is not cut off for that, and gets the rest when it reads on', async () => {
    let written = 0;
    let closed = false;
    env.provider.behave(async (_request, response) => {
      response.once('close', () => {
        closed = true;
      });
      beginEvents(response);
      const begin = responseEvents(PIECE, PIECE.length);
      const delta = begin.find((event) => event.includes('response.output_text.delta')) ?? '';
      for (const event of begin.slice(0, begin.indexOf(delta))) response.write(event);
      for (; written < PIECES && !closed; written += 1) {
        if (!response.write(delta)) await new Promise((resolve) => response.once('drain', resolve));
      }
      response.end();
    });
    const over = new AbortController();
    const stream = await env.openai().responses.create({ ...HELLO, stream: true }, { signal: over.signal });
    const reader = stream[Symbol.asyncIterator]();
    await reader.next();
    // Longer than the provider may be silent by the settings of this plane.
    await until('the provider waiting', async () => await isStill(() => written, 1_500));
    const held = written;
    expect(held).toBeLessThan(PIECES);
    await until('more of the stream', async () => {
      const next = await reader.next();
      return next.done === true || written > held;
    });
    expect([closed, written > held]).toEqual([false, true]);
    over.abort();
    await until('the provider let go', () => closed);
  });
});

/** Whether a number stays the same for so long. */
async function isStill(read: () => number, forMs: number): Promise<boolean> {
  const before = read();
  const endMs = performance.now() + forMs;
  while (performance.now() < endMs) {
    await new Promise((resolve) => setTimeout(resolve, 25));
    if (read() !== before) return false;
  }
  return true;
}
