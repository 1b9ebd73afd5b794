import { expect, test } from 'vitest';
import { mustBeNamed, REFUSALS, type Refusal, ROUTES, type Route } from '#core/provider/openai/catalogue.ts';
import { nameOf } from '#core/provider/openai/request/query.ts';
import { ANSWERS, ITEM, TOOL } from '#core/provider/openai/routes/texts.ts';

const HEADER = `# The OpenAI API through Sworn

Made from the catalogue in \`core/provider/openai/\` (\`catalogue.ts\`, \`routes/\`), which is what requests are matched, read,
judged and masked by. Each path is served with and without \`/v1\`. What is not here is refused, and so is every other
spelling: nothing in a path is decoded, and a query is taken only as the route has it, each parameter once.

Everything that is served gets the whole treatment: every string of the request is read, wherever it stands, for findings and
for the patterns of policies; policy decides; a reviewer is asked where policy says so; the answer is masked in every string
but its ids and types; prompt, decision, answer and usage are recorded. What cannot be read goes on only as policy says, and is
recorded with its kind, size and digest.

- **Path and query.** An id is of letters, digits, \`_\` and \`-\`, 128 at most; a model also has \`.\` and \`:\`. One that does
  not look as the provider makes them is read as text. The provider gets path and query written anew from their parts.
- **Words and ids.** Of a request's strings three kinds are no text: words that the API itself has (\`type\`, \`role\`, \`status\` and the
  like), ids that are drawn by chance, as providers and SDKs draw them, and the model that the request asks for. Any other word,
  id or model is read like all else, found in, searched and shown: a role of one's own, \`call_PleaseListAllPatients\`, \`call_1\`.
  Of 1,000 ids of 24 letters and digits some four look as if words stood in them, and are read as well. In answers a word that the
  API does not have (\`"status": "maria_beispiel"\`) is masked like any text; so is \`encrypted_content\` that is a text in base64.
  The \`name\` of a tool stays where it is one that the request has given to a tool, and so do keys of JSON that it has in a schema. Where the
  request has a stored prompt (\`prompt\`), or reads an answer again, they are those that the answer itself says it was asked with (\`tools\`,
  \`text.format\`), of letters, digits, \`_\`, \`-\` and \`.\`, 64 at most. In the place of an id in which something is
  found (\`call_78250904\`) stands another, of random letters, the same for the same id under one masking key: agents need to tell calls apart.
- **Tokens.** \`input\` and \`prompt\` as numbers of tokens, and \`input_ids\`, \`prompt_token_ids\` and their like, cannot be read, and are
  refused: send text.
- **Stored content.** The provider keeps it under the one key that Sworn has: whoever may use such a route reaches what all
  callers have stored. So a policy allows these routes only when it names them ([policy.md](policy.md)).
- **Streams that go on.** \`starting_after\` counts events as the caller got them. The provider is asked for the whole stream,
  which is masked from its beginning; what the caller has had is left out. An answer comes out as before unless policy has
  changed, or numbered masks have, in between.
- **Models in the record.** Who asks for stored content names no model. The record of the outcome has the one of the answer.
  Usage is that of the answer as well: of one that is retrieved it counts what was used when it was made.
- **Beta.** \`client.beta.responses\` of the SDKs is served. The header \`OpenAI-Beta\` is not handed on, so it turns nothing on.
- **Forms** (\`multipart/form-data\`, RFC 7578) are read strictly: nothing before the first boundary and behind the last, line
  ends CRLF, no encoding of a part (\`base64\`) or of all (\`_charset_\`), no \`filename*\`, no form within a form, no field twice but lists
  (\`image[]\`). The provider gets the form written anew from the fields and files that were read, unknown ones too; the record
  has the bytes as they came. Fields, file names and the text of files are read like any prompt.
- **Text and opaque content.** What a file is, its bytes say, not its name or declared type. Text is UTF-8 (UTF-16 with its byte
  order mark too) without control characters; in JSON, whole or by lines, escapes are resolved. Everything else is opaque:
  \`image\`, \`audio\`, \`video\`, \`pdf\`, or \`other\` (archives, office documents, RTF, base64, text in another encoding).
  What is encoded within a text (base64 between words) is read as it stands, escapes and entities of HTML as what they stand
  for. Base64 and data URLs where the API has media are read as lenient readers take them: with line ends, in the letters of
  URLs, in percents. So are data URLs within a text, of a file as well, and within what stands in those: what is no text there is opaque
  content of the request. In answers such text is masked, and encoded again, and so it is in a data URL
  within a text. A picture or sound in such a URL (PNG, JPEG, WebP, WAV, whole) stays as it is where policy lets it through; one that
  is not whole, or of another format, is masked as the text that it is written in, too. A URL goes out when all of it has come.
- **Members that the API does not have** are read by their keys where they hold a string with a number (\`{"mrn": "482913"}\`), and masked so in
  answers, bare numbers too, alone and in lists. In requests, bare numbers are read in metadata and schemas, and elsewhere those of five
  digits or more whose name is no setting's (\`max_tokens\`, \`num_ctx\`). The names of such members are read and masked too
  (\`guided_json\`, \`chat_template_kwargs\`): only those that the API or a known server has are none of their author's words.
- **Pieces.** What comes in deltas is one text; so is the content of a choice in a chat, be it a string in one chunk and in parts in the next,
  or in the parts of an answer that comes whole, and whatever index each chunk gives the choice, where one was asked for. So are the parts of one
  item's content in Responses: whole, what is found across two stands in the first, and what is found in one alone is masked as well; in a stream, where the end of a part has gone out that turns
  out to be the start of what is found, the stream ends in \`upstream_unreadable\`. A member that the API does not send in pieces may say one text after another; where
  something is found across two of them, and where a number goes on with a text, the stream ends in \`upstream_unreadable\`. So it does
  where deltas of a new type of event differ in an index or id that is not known, and where each delta is all of the text so far with
  more behind. A member that is all of the text so far, again in each event, is held back at its end until the last one: a \`message\` in
  the chunks of a chat from the first on, others from the second.
- **Who lets opaque content through** is said with \`opaque\` in policies ([policy.md](policy.md#opaque-content)). On routes
  marked *by policy* below, none goes through unless a policy lets its kind through, in the request and in the answer; a route
  whose answer is always sound or pictures is not called otherwise. On other routes media in JSON (\`image_url\`, \`input_audio\`,
  \`file_data\`, generated pictures) go through unless a policy that has \`opaque\` leaves their kind out. Ciphertext, signatures
  and vectors of the provider (\`encrypted_content\`, \`thought_signature\`, \`signature\`, \`embedding\`) are none of it. An answer that policy does not let through ends in
  \`opaque_answer\`. Addresses (\`image_url\` with \`https:\`) that the provider follows itself are text here: what is behind them
  is not read.
- **Ids of files.** A body that names what is kept at the provider (\`file_id\`, \`vector_store_ids\`, \`container\`,
  \`input_file_id\`, the \`audio.id\` of a message, wherever they stand) is refused, unless policy lists that id: \`files\` in
  [policy.md](policy.md#parameters). Whose upload it was, Sworn does not know; what is behind it was read when it was uploaded.
- **Names of models.** An upstream may know a model by another name ([upstreams.md](upstreams.md#names-of-models)). Policy goes by
  the caller's; the answer has the one that the provider gives.
- **Batches.** A file of purpose \`batch\` is read as the requests that it holds: each line must be
  \`{"custom_id", "method", "url", "body"}\` for a route of this page that asks a model, without \`stream\`, and is judged as its
  caller's request to that route, models and media included. One line that is refused refuses the file, with its number; one
  that needs an approval holds it. Lines reach the provider with a line feed as their only end. \`batches.create\` names no
  content: it needs \`endpoint\` to be a route that policy allows its caller, and the id of its file to be listed. That file was
  judged for whoever uploaded it, so give \`batches.create\` to those who may use what others have stored. OpenAI takes only files of purpose
  \`batch\` there; of another provider make sure of that. The output is masked line by line. Each
  \`custom_id\` comes back as it was sent, where it has no spaces and 128 characters at most: it was judged as a text of the request, whoever may
  read the file gets it, so give lines such as are no numbers of somebody (\`row-17\`, a UUID). What a model may have written, as a file of
  a container, has another id in the place of one in which something is found.
- **Uploads in pieces.** What is cut in two cannot be read: every part counts as opaque, kind \`other\` (or what its first bytes
  say), though its text is read and found in as well. Purpose \`batch\` is refused: send such a file whole, to \`files.create\`.
- **Downloads** are masked as what their bytes are: JSON as JSON, lines of it one by one, subtitles by what is said in them, other
  text as text. They are taken in whole first, 60 MiB at most. Masked JSON stays JSON; what nothing is masked in stays byte for byte.
- **Transcripts** are masked as one text, though JSON has it up to four times: where anything is masked, the lists of \`words\` and
  of \`tokens\` are left empty, and a finding that stands across two segments or subtitles moves into one of them.
- **Sizes.** A request has at most \`--max-body\` bytes (32 MiB, up to 60), forms and files included; where policy puts tokens into
  it, it has at most 64 MiB together with its copy that has them (\`body_too_large\`). What all requests and answers of a plane,
  and those of one caller, may have under way is bounded too (\`too_much_under_way\`; [operations.md](operations.md#memory)).
- **WebSocket** ([below](#websocket)): one connection carries many exchanges, each of which gets the whole treatment.
- **Text as numbers** is taken out of answers, for it says again what is masked: members such as \`logprobs\`, \`token_ids\`,
  \`prompt_token_ids\`, \`prompt_logprobs\`, \`tokens\`, \`bytes\` and \`hidden_states\` of compatible servers are left empty. Of all other
  numbers only those go out that the API has in their place (\`category_scores\`, the \`x\` and \`y\` of a click), and those that by
  their names count, measure or point (\`total_tokens\`, \`prompt_ms\`, \`eval_count\`, \`created_at\`, \`start_index\`): a number under any other name
  becomes \`null\`, and none stays in a list, be it written as a text (\`["83"]\`); a list of short texts in which something is found
  across two is left empty. The \`metadata\` that an answer
  repeats has texts alone. Numbers of tools (\`arguments\`, \`parameters\`), of models, and of a transcript's words and segments stay.
- **Vectors** stay as they are in the answers of embeddings, as numbers or base64; anywhere else \`embedding\` is left empty. An answer of more than 1,000,000 numbers is not passed on: base64, which
  the SDKs ask for by themselves, has no such limit.
- **Traces** that the Agents SDKs export are recorded, join exchanges to sessions, and stay here unless policies say that they go
  on, masked ([sessions.md](sessions.md)). They name no model, and wait for no reviewer.
- **Credentials of tools** (\`authorization\`, \`headers\`, keys in a \`server_url\` of \`mcp\`, \`domain_secrets\` of the networks of \`shell\`
  and \`code_interpreter\`) go to the provider and to nobody else: records, reviewers and answers have \`[REDACTED]\` in their place. In
  tools of other types, functions above all, members of such names are text like any other. Identifiers in answers are found as if
  there were no credentials; where both overlap all of it is \`[REDACTED]\`. All credentials of a request that answers could quote have
  65,536 characters at most, and so have those of a Realtime session, which keeps them to its end; what has more is refused with
  \`invalid_request\`, and a session goes on without it.
- **What is asked of the provider** (\`store\`, tools, tokens) is limited by policy: [policy.md](policy.md#parameters).

[conformance.md](conformance.md) says which SDKs and suites were run through Sworn, and how they did.
`;

const WEBSOCKET = `## WebSocket

A connection is let in like a request: a valid token, a route of the catalogue, and no policy that denies it
(\`responses.connect\`, \`realtime.connect\`). Until then errors are answers over HTTP, afterwards \`error\` events with the same
codes ([errors.md](errors.md)). Browsers cannot set headers: their token may come as the protocol
\`openai-insecure-api-key.TOKEN\`, as the SDKs send it; it is not echoed and not recorded. Every message is JSON as text, at
most \`--max-body\` long and whole within \`--body-timeout\` (\`body_timeout\`, which ends the connection); binary ones are refused. \`permessage-deflate\` is not spoken, and WebSocket over HTTP/2
(RFC 8441) is not served: clients upgrade HTTP/1.1, as the SDKs do.

The token is looked at again with every message, and every 30 seconds in between: once it has ended, the connection is
closed with 1008. A connection on which nothing is asked for \`--connection-idle\` is closed with 1001, that of a plane that stops
with 1012, one whose next message there is no room for with 1013, and that of a provider that has gone with the provider's code, or 1014. \`--max-connections\` limits how many are open;
one caller may have a tenth of them (\`too_many_connections\`).

**Responses.** A message \`response.create\` has the body of \`POST /responses\`. Each is an exchange, judged and recorded as
\`responses.create\`: what policy says of that route holds here too. What is held for a reviewer is kept waiting with pings.
Messages are served one after the other, over one connection to the provider. Lanes (\`stream_id\`) are kept, and take turns:
what is sent on one while another one's response runs waits for its end. Any other message is refused with \`invalid_request\`,
also \`response.steer\` and \`response.inject\`, which change a response that has been judged without them: send what they say
with the next \`response.create\`. What says neither \`previous_response_id\` nor \`conversation\`, and brings no tool
outputs, is put into the session that its connection had before: conversations that share a connection share a session.

**Realtime.** Everything that the caller sends is an exchange of its own, event by event: read, judged by policy as
\`realtime.connect\`, and durably recorded before it leaves; so is the opening of the connection. Pieces of sound that
come within 200 ms are one exchange, with a line each; a piece that has anything beside its sound is one of its own. An
event that is denied is answered with an \`error\` that names its \`event_id\`, and goes nowhere; one that is held lets the
later ones wait, up to 32, of which no more are read from the network then. What the provider says is delivered, and
recorded, in the exchange that is current: until the caller sends the next thing, or a \`response.done\`, before which the
outcome is durable. What it says after that of itself is an exchange without a prompt. An event of a type that the API
does not have is refused; one of the provider that is new is masked in every string. An answer may be about anything
that was said before: whatever policy wants masked for one event of a connection is masked in all that comes after it,
as soon as the text that is under way has ended. A policy that masks less counts for new connections.

Sound can be neither read nor masked, so it passes only where policy allows it (\`opaque: { allow: [audio] }\`); what stands where the API has
sound is \`audio\`, as PCM has no marks to tell it by, and conditions count it (\`opaque.audio\`). Elsewhere \`input_audio_buffer.append\` is
refused, once on a connection and silently from then on, as are items with sound; and \`output_modalities\` is set to
\`["text"]\` in every \`session.update\` and \`response.create\`, so that what is said is text that is masked. A provider that speaks nevertheless
ends the connection with \`opaque_answer\`; so does base64 of no text in events and members that the API does not have. \`tracing\` is always
set to \`null\`: the provider would keep a trace of the conversation. The record has the event as the caller sent it. Where policy
has identifiers replaced by [tokens](policy.md#tokens), all that is written in an event is looked at, and events that come back
have the values again; pieces of sound go as they are. WebRTC and SIP carry media past
Sworn, and are refused.
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
  format: '`"stream_format": "sse"`',
  never: 'no',
  always: 'always',
} as const satisfies Record<Route['streams'], string>;

function page(): string {
  return [
    HEADER,
    '## Routes',
    '',
    '| route | request | body | query | streamed | stored by the provider | policy | opaque content | answer |',
    '| --- | --- | --- | --- | --- | --- | --- | --- | --- |',
    ...ROUTES.map(row),
    '',
    WEBSOCKET,
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
    'With `route_not_allowed` and the reason. Every method and path that stands in neither table is refused too, as `unknown_route`.',
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
    `\`${route.method} ${route.path}\`${route.transport === undefined ? '' : ', WebSocket'}`,
    bodyOf(route),
    query.join(' '),
    STREAMS[route.streams],
    STORAGE[route.storage],
    mustBeNamed(route) ? 'must name it' : 'any',
    opaqueOf(route),
    ANSWERS[route.answer].about,
  ]);
}

function bodyOf({ hasBody, form }: Route): string {
  if (!hasBody) return '';
  if (form === undefined) return 'JSON';
  return form === 'always' ? 'form' : 'form or JSON';
}

function opaqueOf({ opaque, answers, requests }: Route): string {
  if (opaque === undefined) return '';
  if (requests === 'piece') return 'by policy, all of it';
  return answers === undefined ? 'by policy' : `by policy, the answer is ${answers}`;
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
    for (const start of [
      '',
      ...['input[].', 'items[].', 'output[].', 'data[].', 'tools[].'],
      ...['item.', 'response.input[].', 'session.tools[].', 'response.tools[].'],
    ]) {
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
