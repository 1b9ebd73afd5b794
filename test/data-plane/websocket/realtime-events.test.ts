import { expect, test } from 'vitest';
import { createDetector } from '#core/phi/detect.ts';
import type { TokenMap } from '#core/phi/token/token-map.ts';
import { MASK_ALL } from '#core/policy/mask.ts';
import { NOTHING_ASKED, readParameters } from '#core/provider/openai/parameters/read.ts';
import { readTarget, type Target } from '#core/provider/openai/request/target.ts';
import type { Exchange } from '../../../data-plane/exchange.ts';
import { MaskSessions } from '../../../data-plane/mask/sessions.ts';
import { TokenSessions } from '../../../data-plane/mask/token-sessions.ts';
import type { Parts } from '../../../data-plane/parts.ts';
import { ServerEvents } from '../../../data-plane/websocket/realtime-events.ts';
import { realtimeResponse } from '../../env/realtime.ts';

const KEY = new Uint8Array(32).fill(9);
const NAME = 'sessions/a';
const parts = { maskSessions: new MaskSessions() } as unknown as Parts;
const TARGET = readTarget('GET', '/realtime?model=gpt-realtime', 'websocket') as Target;
const snapshot = { detector: createDetector(), maskingKey: KEY };

/** An exchange in which tokens of a map are restored, of none where it is undefined. */
function exchangeWith(
  map: TokenMap | undefined,
  tools: readonly string[] = [],
  schemaKeys: ReadonlySet<string> = new Set(),
  parameters = NOTHING_ASKED,
): Exchange {
  return {
    arrival: {},
    snapshot,
    session: { name: NAME },
    verdict: { mask: MASK_ALL, externalRequired: false },
    received: { target: TARGET, content: { secretTexts: [], tools, schemaKeys, parameters } },
    ...(map && { tokenized: { map, find: (token: string) => map.find(token) } }),
  } as unknown as Exchange;
}

function known() {
  const sessions = new TokenSessions();
  const open = () => sessions.open(KEY, { issuer: 'https://id.example', subject: 'ada' }, NAME) as TokenMap;
  sessions.apply({ epoch: 'e', revision: 1n, forgotten: { sessions: [], since: 0n } });
  const erase = () =>
    sessions.apply({
      epoch: 'e',
      revision: 2n,
      forgotten: { sessions: [{ session: NAME, revision: 2n }], since: 0n },
    });
  return { open, erase, token: open().take('PERSON', 'Maria Beispiel', 'Maria Beispiel').token };
}

/** What the caller gets of events, as text; and what the record has. */
async function pass(events: ServerEvents, messages: readonly object[]) {
  const reading = events.read();
  const shown: object[] = [];
  let masked = '';
  for (const message of messages) {
    const said = await events.push(JSON.stringify(message));
    masked += said.masked.join('\n');
    shown.push(...(said.shown?.flat() ?? said.masked).map((text) => JSON.parse(text)));
  }
  const deltas = shown.map((event) => ('delta' in event ? event.delta : '')).join('');
  return { deltas, shown: JSON.stringify(shown), masked, reading };
}

const item = (id: string, text: string) => ({
  type: 'conversation.item.retrieved',
  item: { id, type: 'message', role: 'assistant', content: [{ type: 'output_text', text }] },
});

test('tokens that come a character at a time are restored, counted, and in no record', async () => {
  const { open, token } = known();
  const events = new ServerEvents(parts, exchangeWith(open()), []);
  const { deltas, masked, reading } = await pass(
    events,
    realtimeResponse(`Dear ${token}, SSN 078-05-1120 [PERSON_`),
  );
  expect(deltas).toBe('Dear Maria Beispiel, SSN [US_SSN] [PERSON_');
  expect(masked).not.toContain('Beispiel');
  expect([reading.restored, reading.counts]).toEqual([{ PERSON: 1 }, { US_SSN: 1 }]);
  expect(reading.facts).toMatchObject({ usage: { inputTokens: 11, outputTokens: 7 }, failed: false });
  // Each exchange counts its own.
  const next = await pass(events, realtimeResponse('and so on'));
  expect([next.reading.restored, next.reading.counts]).toEqual([{}, {}]);
});

test('what was erased is not shown again, also where it was shown before', async () => {
  const { open, token, erase } = known();
  const events = new ServerEvents(parts, exchangeWith(open()), []);
  const said = item('item_000000000001', `Dear ${token}`);
  expect((await pass(events, [said])).shown).toContain('Maria Beispiel');
  erase();
  const after = await pass(events, [said]);
  expect(after.shown).toContain(token);
  expect(after.shown).not.toContain('Beispiel');
  // What the caller says anew is theirs again.
  const anew = open();
  anew.take('PERSON', 'Maria Beispiel', 'Maria Beispiel');
  events.goOn(exchangeWith(anew));
  expect((await pass(events, [said])).shown).toContain('Maria Beispiel');
});

test('policy that begins to restore, or ceases to, counts from the next event on', async () => {
  const { open, token } = known();
  const said = item('item_000000000001', `Dear ${token}`);
  const events = new ServerEvents(parts, exchangeWith(undefined), []);
  expect((await pass(events, [said])).shown).toContain(token);
  events.goOn(exchangeWith(open()));
  expect((await pass(events, [said])).shown).toContain('Maria Beispiel');
  events.goOn(exchangeWith(undefined));
  expect((await pass(events, [said])).shown).toContain(token);
});

test('a tool is called by the name, and with the keys, that the session was given for it last', async () => {
  const events = new ServerEvents(parts, exchangeWith(undefined), []);
  const item = { type: 'function_call', name: 'ask_maria', arguments: '{"labs_2024":"all"}' };
  const call = { type: 'response.output_item.done', item };
  const calls = async (tools: readonly string[]) => {
    events.goOn(exchangeWith(undefined, tools, new Set(tools.includes('ask_maria') ? ['labs_2024'] : [])));
    const { shown } = await pass(events, [call]);
    expect(shown.includes('labs_2024')).toBe(shown.includes('ask_maria'));
    return shown.includes('ask_maria');
  };
  expect(await calls([])).toBe(false);
  expect(await calls(['ask_maria'])).toBe(true);
  expect(await calls([])).toBe(true);
  expect(await calls(['ask_anna'])).toBe(false);
});

test('a tool of a stored prompt is called by the name that the provider says it has', async () => {
  const events = new ServerEvents(parts, exchangeWith(undefined), []);
  const parameters = { type: 'object', properties: { labs_2024: {} } };
  const updated = {
    type: 'session.updated',
    session: { tools: [{ type: 'function', name: 'ask_maria', parameters }] },
  };
  const call = { type: 'function_call', name: 'ask_maria', arguments: '{"labs_2024":"all"}' };
  const calls = [updated, { type: 'response.output_item.done', item: call }];
  expect((await pass(events, calls)).shown).not.toMatch(/ask_maria|labs_2024/);
  const session = { prompt: { id: 'pmpt_0123456789abcdef' } };
  const asked = readParameters(TARGET.route, TARGET.path, session, '');
  events.goOn(exchangeWith(undefined, [], new Set(), asked));
  expect(JSON.parse((await pass(events, calls)).shown)).toMatchObject([updated, { item: call }]);
});

test('sound in events that are new passes only where policy allows it, and pictures where none says', async () => {
  const [sound, picture] = [
    [0, 1, 2],
    [0x89, 0x50, 0x4e, 0x47],
  ].map((head) => Buffer.from([...head, ...new Array(80).fill(7)]).toString('base64'));
  const events = new ServerEvents(parts, exchangeWith(undefined), []);
  events.openGate();
  await pass(events, [{ type: 'gossip', picture }]);
  await expect(pass(events, [{ type: 'gossip.delta', delta: sound }])).rejects.toMatchObject({
    code: 'opaque_answer',
    message: expect.stringContaining('audio'),
  });
});
