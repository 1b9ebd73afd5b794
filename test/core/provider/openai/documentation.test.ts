import { expect, test } from 'vitest';
import { mustBeNamed, REFUSALS, type Refusal, ROUTES, type Route } from '#core/provider/openai/catalogue.ts';
import { nameOf } from '#core/provider/openai/query.ts';
import { ANSWERS, ITEM, TOOL } from '#core/provider/openai/routes/texts.ts';

const HEADER = `# The OpenAI API through Sworn

Made from the catalogue in \`core/provider/openai/\` (\`catalogue.ts\`, \`routes/\`), which is what requests are matched, read,
judged and masked by. Each path is served with and without \`/v1\`. What is not here is refused, and so is every other
spelling: nothing in a path is decoded, and a query is taken only as the route has it, each parameter once.

Everything that is served gets the whole treatment: every string of the request is read, wherever it stands, for findings and
for the patterns of policies; policy decides; a reviewer is asked where policy says so; the answer is masked in every string
but its ids and types; prompt, decision, answer and usage are recorded. Nothing passes as opaque: media and ciphertext in JSON
stay as they are, and reviewers are told of those in a request.

- **Path and query.** An id is of letters, digits, \`_\` and \`-\`, 128 at most; a model also has \`.\` and \`:\`. One that does
  not look as the provider makes them is read as text. The provider gets path and query written anew from their parts.
- **Tokens.** \`input\` and \`prompt\` as numbers of tokens cannot be read, and are refused: send text.
- **Stored content.** The provider keeps it under the one key that Sworn has: whoever may use such a route reaches what all
  callers have stored. So a policy allows these routes only when it names them ([policy.md](policy.md)).
- **Streams that go on.** \`starting_after\` counts events as the caller got them. The provider is asked for the whole stream,
  which is masked from its beginning; what the caller has had is left out. An answer comes out as before unless policy has
  changed, or numbered masks have, in between.
- **Models in the record.** Who asks for stored content names no model. The record of the outcome has the one of the answer.
  Usage is that of the answer as well: of one that is retrieved it counts what was used when it was made.
- **Vectors** stay as they are, as numbers or base64. An answer of more than 1,000,000 numbers is not passed on: base64, which
  the SDKs ask for by themselves, has no such limit.
- **Traces** that the Agents SDKs export are recorded, join exchanges to sessions, and stay here unless policies say that they go
  on, masked ([sessions.md](sessions.md)). They name no model, and wait for no reviewer.
`;

const STORAGE = {
  nothing: 'nothing',
  'by default': 'unless `store` is `false`',
  'on request': 'if `store` is `true`',
  always: 'always',
  reads: 'is read',
  changes: 'is changed',
  deletes: 'is deleted',
} as const satisfies Record<Route['storage'], string>;

const STREAMS = {
  body: '`"stream": true`',
  query: '`?stream=true`',
  never: 'no',
} as const satisfies Record<Route['streams'], string>;

function page(): string {
  return [
    HEADER,
    '## Routes',
    '',
    '| route | request | query | streamed | stored by the provider | policy | answer |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...ROUTES.map(row),
    '',
    '## Where text stands',
    '',
    'As far as the API is known; all other strings are read and masked in the same way, in events of a stream that are new too.',
    '`name` stands for keys of the caller.',
    '',
    `- An **item** of a conversation: ${list(ITEM)}.`,
    `- A **tool**: ${list(TOOL)}.`,
    '',
    '| route | text in the request |',
    '| --- | --- |',
    ...ROUTES.filter(({ texts }) => texts.length > 0).map(({ id, texts }) =>
      cells([`\`${id}\``, list(fold(texts))]),
    ),
    '',
    '| answer | text in it |',
    '| --- | --- |',
    ...Object.entries(ANSWERS)
      .filter(([, { texts }]) => texts.length > 0)
      .map(([kind, { texts }]) => cells([kind, list(fold(texts))])),
    '',
    '## Refused',
    '',
    'With `route_not_allowed` and the reason. So is every method and path that stands in neither table.',
    '',
    '| path, and below | method | | reason |',
    '| --- | --- | --- | --- |',
    ...REFUSALS.map(refusedRow),
    '',
  ].join('\n');
}

function row(route: Route): string {
  const query = Object.entries(route.query).map(([name, form]) => `\`${nameOf(name, form)}\``);
  return cells([
    `\`${route.id}\``,
    `\`${route.method} ${route.path}\``,
    query.join(' '),
    STREAMS[route.streams],
    STORAGE[route.storage],
    mustBeNamed(route) ? 'must name it' : 'any',
    ANSWERS[route.answer].about,
  ]);
}

function refusedRow({ path, method, kind, alone, reason }: Refusal): string {
  return cells([
    `\`${path}\`${alone ? ' alone' : ''}`,
    method ?? 'all',
    kind === 'refused' ? 'for good' : 'not yet',
    reason,
  ]);
}

function cells(texts: readonly string[]): string {
  return `| ${texts.join(' | ')} |`;
}

function list(texts: readonly string[]): string {
  return texts.map((text) => (text.startsWith('all of') ? text : `\`${text}\``)).join(', ');
}

/** The places, with what they have in common with an item or a tool put into words. */
function fold(texts: readonly string[]): string[] {
  let rest = [...texts];
  const words: string[] = [];
  for (const [what, group] of [
    ['an item', ITEM],
    ['a tool', TOOL],
  ] as const) {
    for (const start of ['', 'input[].', 'items[].', 'output[].', 'data[].', 'tools[].']) {
      const places = group.map((place) => start + place);
      if (!places.every((place) => rest.includes(place))) continue;
      rest = rest.filter((place) => !places.includes(place));
      words.push(start === '' ? `all of ${what}` : `all of ${what} in \`${start.slice(0, -1)}\``);
    }
  }
  return [...words, ...rest];
}

test('docs/openai.md is the catalogue', async () => {
  await expect(page()).toMatchFileSnapshot('../../../../docs/openai.md');
});
