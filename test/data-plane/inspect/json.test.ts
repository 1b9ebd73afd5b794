import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import { createMasker } from '#core/phi/mask.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { countFindings as countTried } from '#core/policy/trial/count.ts';
import { maskResponse } from '#core/provider/openai/answer/response.ts';
import { findRoute, type Route } from '#core/provider/openai/catalogue.ts';
import { readTexts } from '#core/provider/openai/request/read-texts.ts';
import { readRequest } from '#core/provider/openai/request/request.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import { countFindings } from '../../../data-plane/inspect/findings.ts';

const detector = createDetector();
const masker = createMasker(detector, MASK_ALL);
const responses = findRoute('POST', '/v1/responses') as Route;
const encode = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

/** What tools are called with, and give. */
const DOCUMENTS = [
  { patient: '4711' },
  { mrn: '482913', other: { mrn: 482913, ssn: 78051120 } },
  { patient: { name: 'Anna Meier', room: '12' }, drug: { name: 'Aspirin Forte' } },
  {
    columns: ['MRN', 'Note'],
    rows: [
      ['482913', 'well'],
      [482914, 'ill'],
    ],
  },
  { result: JSON.stringify({ name: 'Anna Meier', id: '4711', note: 'SSN 078-05-1120' }) },
  [{ '078-05-1120': true }, 'born 1980-05-01'],
].map((document) => JSON.stringify(document));

test.each(DOCUMENTS)('JSON has the same findings in a request as in an answer: %s', async (json) => {
  const { counts } = maskResponse(
    responses,
    encode({ output: [{ type: 'function_call', arguments: json }] }),
    masker,
  );
  const requests = [
    { input: [{ type: 'function_call', arguments: json }] },
    { input: [{ type: 'function_call_output', output: json }] },
    { input: [{ type: 'function_call_output', output: JSON.stringify(json) }] },
    { messages: [{ role: 'assistant', tool_calls: [{ type: 'function', function: { arguments: json } }] }] },
    { messages: [{ role: 'tool', content: json }] },
    { messages: [{ role: 'tool', content: [{ type: 'text', text: json }] }] },
  ];
  for (const request of requests) {
    const texts = readTexts(request);
    expect(texts).toHaveLength(1);
    expect(await countFindings(detector, texts)).toEqual([counts]);
    expect(countTried(detector, texts)).toEqual(counts);
  }
});

test('so have maps of the caller, and files', async () => {
  const metadata = { patient: '4711', mrn: 482913, note: 'SSN 078-05-1120', nested: { name: 'Anna Meier' } };
  const answer = maskResponse(responses, encode({ parameters: metadata }), masker);
  const [request] = [readTexts({ tools: [{ type: 'function', parameters: metadata }] })];
  const total: Record<string, number> = {};
  for (const counts of await countFindings(detector, request))
    for (const [entity, count] of Object.entries(counts)) total[entity] = (total[entity] ?? 0) + count;
  expect(total).toEqual(answer.counts);
  const lines = '{"patient":"4711"}\n{"mrn":482913}\n';
  const form = `--b\r\ncontent-disposition: form-data; name="file"; filename="a.jsonl"\r\n\r\n${lines}\r\n--b--\r\n`;
  const target = readTarget('POST', '/v1/files') as Target;
  const { texts } = readRequest(target, Buffer.from(form), 'multipart/form-data; boundary=b');
  expect(await countFindings(detector, texts)).toEqual([{}, masker.maskJson(lines).counts]);
});
