import { describe, expect, test } from 'vitest';
import { formatForm } from '#core/provider/openai/form/format.ts';
import { parseForm } from '#core/provider/openai/form/parse.ts';
import { outgoingMessage, readRealtimeMessage } from '#core/provider/openai/realtime/realtime-message.ts';
import { prepareRequest, renamePath, renaming } from '#core/provider/openai/request/rename-model.ts';
import { readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget } from '#core/provider/openai/request/target.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const NAME = 'notes/eu 1&model=x';

function targetOf(method: string, path: string, transport?: 'websocket') {
  const target = readTarget(method, path, transport);
  if (target === undefined) throw new Error('no such route');
  return target;
}

describe('a model gets its other name', () => {
  test('in a JSON body, of which every other byte stays', () => {
    const target = targetOf('POST', '/responses');
    const body =
      '{"input":"\\u00e9 \\"model\\": \\"a\\"", "n":123456789012345678901, "model":"gpt", "metadata":{"model":"gpt"} }';
    const edits = [{ path: ['store'], value: false }];
    const sent = prepareRequest(target, readRequest(target, bytes(body)), edits, NAME);
    const expected = body
      .replace('"model":"gpt"', `"model":${JSON.stringify(NAME)}`)
      .replace(/ }$/, ',"store":false }');
    expect(new TextDecoder().decode(sent.body)).toBe(expected);
    expect(sent.path).toBe('/responses');
  });

  test('in a form, of which every other part stays', () => {
    const target = targetOf('POST', '/audio/transcriptions');
    const file = { name: 'file', filename: 'a.mp3', type: 'audio/mpeg', bytes: bytes('ID3\0') };
    const parts = [
      { name: 'model', bytes: bytes('gpt-transcribe') },
      file,
      { name: 'prompt', bytes: bytes('gpt-transcribe') },
    ] as Parameters<typeof formatForm>[0];
    const came = formatForm(parts);
    const sent = prepareRequest(target, readRequest(target, came.body, came.contentType), [], NAME);
    const read = parseForm(sent.contentType, sent.body);
    expect(read.map((part) => [part.name, new TextDecoder().decode(part.bytes)])).toEqual([
      ['model', NAME],
      ['file', 'ID3\0'],
      ['prompt', 'gpt-transcribe'],
    ]);
  });

  test('in a path, and in a query', () => {
    const models = targetOf('GET', '/models/gpt-5');
    const sent = prepareRequest(models, readRequest(models, bytes('')), [], NAME);
    expect(sent.path).toBe('/models/notes%2Feu%201%26model%3Dx');
    const realtime = targetOf('GET', '/realtime?intent=transcription&model=gpt-realtime', 'websocket');
    expect(renamePath(realtime, NAME)).toBe(
      '/realtime?intent=transcription&model=notes%2Feu%201%26model%3Dx',
    );
    const chats = targetOf('GET', '/chat/completions?limit=3&model=gpt');
    expect(prepareRequest(chats, readRequest(chats, bytes('')), [], 'm').path).toBe(
      '/chat/completions?limit=3&model=m',
    );
  });

  test('in the session of a Realtime connection, where it is named', () => {
    const target = targetOf('GET', '/realtime?model=gpt-realtime', 'websocket');
    const send = (event: string) => {
      const message = readRealtimeMessage(target, bytes(event));
      const edits = message.namesModel ? [renaming(NAME)] : [];
      return new TextDecoder().decode(outgoingMessage(message, bytes(event), edits, true));
    };
    const update = '{"type":"session.update", "session":{"model":"gpt-realtime","instructions":"x"}}';
    expect(send(update)).toBe(update.replace('"gpt-realtime"', JSON.stringify(NAME)));
    const response = '{"type":"response.create", "response":{"instructions":"x"}}';
    expect(send(response)).toBe(response);
  });

  test('nowhere, without one', () => {
    const target = targetOf('POST', '/embeddings');
    const body = bytes('{"model":"e","input":"x"}');
    expect(prepareRequest(target, readRequest(target, body), [], undefined)).toEqual({
      path: '/embeddings',
      body,
      contentType: 'application/json',
    });
  });
});
