import { describe, expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { type Naming, UNNAMED } from '#core/provider/openai/answer/naming.ts';
import { maskResponse } from '#core/provider/openai/answer/response.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { OpaqueError, OpaqueGate } from '#core/provider/openai/content/gate.ts';
import { FileMasker } from '#core/provider/openai/content/mask.ts';
import { createStreamMasker } from '#core/provider/openai/stream/stream.ts';

// Published as an example, and never issued.
const NUMBER = '078-05-1120';
const masker = createMasker(createDetector(), MASK_ALL);
const closed = () => new OpaqueGate(new Set(), true);
const PICTURE = Buffer.concat([Buffer.from('\x89PNG\r\n', 'latin1'), Buffer.alloc(90)]).toString('base64');

function maskFile(text: string, gate = closed(), naming = UNNAMED) {
  const file = new FileMasker(masker, gate, naming);
  return { text: [...file.mask(text)].join(''), counts: file.counts };
}

test.each([
  ['text', `one\nSSN ${NUMBER}\n`, 'one\nSSN [US_SSN]\n'],
  ['text over lines', `SSN\n${NUMBER}`, 'SSN\n[US_SSN]'],
  ['JSON', `{\n "note": "SSN 07\\u0038-05-1120"\n}`, '{\n "note": "SSN [US_SSN]"\n}'],
  ['JSON in which a key stands twice', `{"a":"SSN 07\\u0038-05-1120","a":1}`, '{"a":"SSN [US_SSN]","a":1}'],
  [
    'JSON over lines that looks like a line of a batch',
    `{\n"custom_id": "a",\n"body": "SSN 07\\u0038-05-1120"}`,
    '{"custom_id":"a","body":"SSN [US_SSN]"}',
  ],
  ['lines', `{"a":1}\nSSN ${NUMBER}\n["SSN 07\\u0038-05-1120"]`, '{"a":1}\nSSN [US_SSN]\n["SSN [US_SSN]"]'],
])('%s', (_what, text, masked) => {
  expect(maskFile(text).text).toBe(masked);
});

test('a picture in a data URL of a text passes the gate, as the picture that it is, and is not damaged', () => {
  const sound = Buffer.concat([Buffer.from('RIFF\x5c\0\0\0WAVE', 'latin1'), Buffer.alloc(88, 'Ann')]);
  const text = `<img src="data:audio/wav;base64,${sound.toString('base64')}">SSN ${NUMBER}\n`;
  expect(() => maskFile(text)).toThrow(OpaqueError);
  const gate = new OpaqueGate(new Set(['audio']), true);
  expect(maskFile(text, gate).text).toBe(text.replace(NUMBER, '[US_SSN]'));
  expect(gate.contents).toMatchObject([
    { place: 'content', kind: 'audio', mediaType: 'audio/wav', size: 100 },
  ]);
});

test('a text longer than a stretch is masked across its cuts', () => {
  const text = `${'word '.repeat(60_000)}SSN ${NUMBER} `.repeat(2);
  const { text: masked, counts } = maskFile(text);
  expect(masked).toBe(text.replaceAll(NUMBER, '[US_SSN]'));
  expect(counts).toEqual({ US_SSN: 2 });
});

describe('lines of a batch', () => {
  const answer = {
    id: 'batch_req_0123456789abcdef',
    custom_id: `SSN ${NUMBER}`,
    response: {
      status_code: 200,
      body: {
        id: 'resp_0123456789abcdef',
        model: 'gpt-4o-2024-08-06',
        output_text: `SSN ${NUMBER}`,
        logprobs: [{}],
      },
    },
  };

  test('are masked as the answers that they are', () => {
    const { text, counts } = maskFile(
      `${JSON.stringify(answer)}\n{"custom_id":"b","error":{"message":"no"}}\n`,
    );
    expect(text.split('\n').map((line) => (line === '' ? '' : JSON.parse(line)))).toEqual([
      {
        ...answer,
        custom_id: 'SSN [US_SSN]',
        response: {
          ...answer.response,
          body: { ...answer.response.body, output_text: 'SSN [US_SSN]', logprobs: [] },
        },
      },
      { custom_id: 'b', error: { message: 'no' } },
      '',
    ]);
    expect(counts).toEqual({ US_SSN: 2 });
  });

  const idsOf = (ids: readonly string[], naming: Naming) => {
    const lines = ids.map((custom_id) => JSON.stringify({ ...answer, custom_id }));
    return maskFile(lines.join('\n'), closed(), naming)
      .text.split('\n')
      .map((line) => JSON.parse(line).custom_id);
  };
  const IDS = [`ssn-${NUMBER}`, `ssn-${NUMBER}`, `ssn-${NUMBER.replace('078', '079')}`, 'row-17'];

  test('have the ids that their application gave them, and each masked text but one', () => {
    const naming = { ...UNNAMED, hasLineIds: true };
    expect(idsOf(IDS, naming)).toEqual(IDS);
    const inner = {
      custom_id: IDS[0],
      response: { body: { custom_id: IDS[0], metadata: { custom_id: IDS[0] } } },
    };
    expect(maskFile(JSON.stringify(inner), closed(), naming).text).toBe(
      `{"custom_id":"ssn-${NUMBER}","response":{"body":{"custom_id":"ssn-[US_SSN]","metadata":{"custom_id":"[UNIQUE_ID]"}}}}`,
    );
    expect(idsOf([`SSN ${NUMBER}`, `${'x'.repeat(128)}${NUMBER}`], naming)).toEqual([
      'SSN [US_SSN]',
      expect.not.stringContaining(NUMBER),
    ]);
  });

  test('have ids that can be told apart where they may be of a model', () => {
    const [one, again, another, plain] = idsOf(IDS, { ...UNNAMED, key: new Uint8Array(32).fill(7) });
    expect(one).toMatch(/^id_[b-v]{16}$/);
    expect(again).toBe(one);
    expect(another).toMatch(/^id_[b-v]{16}$/);
    expect(another).not.toBe(one);
    expect(plain).toBe('row-17');
  });

  test('have media that policy lets through, or not', () => {
    const line = JSON.stringify({ custom_id: 'a', response: { body: { data: [{ b64_json: PICTURE }] } } });
    expect(() => maskFile(line)).toThrow(OpaqueError);
    const gate = new OpaqueGate(new Set(['image']), true);
    expect(maskFile(line, gate).text).toBe(line);
    expect(gate.contents).toMatchObject([{ kind: 'image', size: 96 }]);
  });
});

describe('transcripts', () => {
  const route = findRoute('POST', '/audio/transcriptions') as Route;
  const mask = (answer: object) =>
    JSON.parse(Buffer.from(maskResponse(route, Buffer.from(JSON.stringify(answer)), masker).body).toString());

  test('are one text, in segments, words and tokens', () => {
    const answer = {
      text: ' my SSN is 078 05 1120 thanks',
      segments: [
        { id: 0, text: ' my SSN is 078 05', tokens: [1, 2] },
        { id: 1, text: ' 1120 thanks', tokens: [3] },
      ],
      words: [{ word: '078' }, { word: '05' }, { word: '1120' }],
    };
    const masked = mask(answer);
    expect(masked.text).toBe(' my SSN is [US_SSN] thanks');
    expect(
      masked.segments
        .map(({ text }: { text: string }) => text.trim())
        .join(' ')
        .replaceAll(/ +/g, ' '),
    ).toBe('my SSN is [US_SSN] thanks');
    expect(masked.segments.flatMap(({ tokens }: { tokens: number[] }) => tokens)).toEqual([]);
    expect(masked.words).toEqual([]);
  });

  test('keep their cuts where no finding stands across one', () => {
    const answer = {
      text: `SSN ${NUMBER}. Good bye.`,
      segments: [{ text: `SSN ${NUMBER}.` }, { text: 'Good bye.' }],
    };
    expect(mask(answer).segments).toEqual([{ text: 'SSN [US_SSN].' }, { text: 'Good bye.' }]);
    const plain = {
      text: 'good bye',
      words: [{ word: 'good' }, { word: 'bye' }],
      segments: [{ tokens: [1], text: 'good bye' }],
    };
    expect(mask(plain)).toEqual(plain);
  });

  test.each([
    [
      'SubRip',
      '1\r\n00:00:00,000 --> 00:00:01,000\r\nmy SSN is 078 05\r\n\r\n2\r\n00:00:01,000 --> 00:00:02,000\r\n1120 thanks\r\n',
    ],
    [
      'WebVTT',
      'WEBVTT\n\n00:00.000 --> 00:01.000\nmy SSN is 078 05\n\n00:01.000 --> 00:02.000\n1120 thanks\n',
    ],
  ])('as subtitles: %s', (_what, text) => {
    const { text: masked, counts } = maskFile(text);
    expect(counts).toEqual({ US_SSN: 1 });
    expect(masked).not.toMatch(/078|1120/);
    const frame = (subtitles: string) => subtitles.split(/\r?\n/).filter((line) => !/[a-z[]/.test(line));
    expect(frame(masked)).toEqual(frame(text));
  });

  test('times that are none are text', () => {
    expect(maskFile(`00:00:00,000 --> 00:00:01,000\nhello\n\nSSN ${NUMBER} --> later\n`).text).toContain(
      'SSN [US_SSN] --> later',
    );
  });
});

describe('media in answers', () => {
  const responses = findRoute('POST', '/responses') as Route;
  const images = findRoute('POST', '/images/generations') as Route;
  const speech = findRoute('POST', '/audio/speech') as Route;
  const body = Buffer.from(
    JSON.stringify({ output: [{ result: PICTURE }, { result: PICTURE }, { encrypted_content: PICTURE }] }),
  );
  const event = (data: object) => Buffer.from(`data: ${JSON.stringify(data)}\n\n`);

  test('pass where no policy speaks of them, and are noted once', () => {
    const gate = new OpaqueGate(undefined, false);
    expect(maskResponse(responses, body, masker, gate).body).toBe(body);
    expect(gate.contents).toMatchObject([{ kind: 'image', place: 'response.output.0.result' }]);
  });

  test('do not pass where one leaves them out, nor where one must let them through', () => {
    expect(() => maskResponse(responses, body, masker, new OpaqueGate(new Set(['pdf']), false))).toThrow(
      OpaqueError,
    );
    expect(() => maskResponse(images, body, masker, new OpaqueGate(undefined, true))).toThrow(OpaqueError);
  });

  test('several pictures in a stream, of which the last ends it', () => {
    const stream = createStreamMasker(images, masker, { gate: new OpaqueGate(new Set(['image']), true) });
    const done = { type: 'image_generation.completed', b64_json: PICTURE };
    stream.push(event(done));
    expect(stream.complete).toBe(false);
    expect(Buffer.from(stream.push(event(done))).toString()).toContain(PICTURE);
    stream.end();
    expect(stream.complete).toBe(true);
  });

  test('sound in pieces is one content', () => {
    const gate = new OpaqueGate(new Set(['audio']), true);
    const stream = createStreamMasker(speech, masker, { gate });
    for (const audio of [PICTURE, PICTURE]) stream.push(event({ type: 'speech.audio.delta', audio }));
    stream.push(event({ type: 'speech.audio.done' }));
    expect(stream.complete).toBe(true);
    expect(gate.contents).toMatchObject([{ kind: 'audio', size: 192 }]);
  });
});
