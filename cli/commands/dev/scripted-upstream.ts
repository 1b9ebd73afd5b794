import { LLMock } from '@copilotkit/aimock';

/** A provider that answers from a script, behind the real protocol. */
export interface ScriptedUpstream {
  /** `http://127.0.0.1:port/v1`. */
  readonly baseUrl: string;
  /** Empty where it takes none. */
  readonly credential: string;
  close(): Promise<void>;
}

/** Characters a piece, and milliseconds between pieces: slow enough to watch, and short enough to split names. */
const CHUNK = 6;
const PACE_MS = 12;

// Invented data: no real person's. 078-05-1120 is the number that an advertisement made famous and void.
const SUMMARY =
  'Summary of the visit on 2026-03-02. Patient: Maria Beispiel, DOB 04/12/1957, MRN 00482913, SSN 078-05-1120. ' +
  'Two weeks of cough without fever, lungs clear. Plan: fluids and rest. ' +
  'Call back at (555) 010-4477 or write to m.beispiel@example.org if fever develops.';

const LIST =
  'Three patients are due for a flu shot this week:\n' +
  '1. Patient: Maria Beispiel, MRN 00482913, phone (555) 010-4477\n' +
  '2. Patient: Otto Muster, MRN 00517720, phone (555) 010-4478\n' +
  '3. Patient: Lena Probe, MRN 00519034, phone (555) 010-4479';

/** Starts the scripted provider of the demo and of `sworn dev` without a key. */
export async function startScriptedUpstream(): Promise<ScriptedUpstream> {
  const mock = new LLMock({
    port: 0,
    host: '127.0.0.1',
    chunkSize: CHUNK,
    latency: PACE_MS,
    logLevel: 'silent',
  });
  mock.on({ toolResultContains: 'Visit of patient' }, { content: SUMMARY });
  // An application of one's own has no such tool, and its SDK would fail on a call of it.
  mock.on(
    { userMessage: /last visit of patient/i, toolName: 'look_up_visit' },
    { toolCalls: [{ name: 'look_up_visit', arguments: '{"patient":"4711"}' }] },
  );
  mock.on({ userMessage: /last visit of patient/i }, { content: SUMMARY });
  mock.on({ userMessage: /flu shot/i }, { content: LIST });
  mock.on(
    { userMessage: /.*/s },
    {
      content:
        'This is the scripted provider of Sworn. It knows only its script: ask for the last visit of patient 4711, or who is due ' +
        'for a flu shot. A real provider comes with `npm start -- --upstream URL --upstream-key env:NAME`.',
    },
  );
  await mock.start();
  return { baseUrl: `${mock.url}/v1`, credential: 'sk-scripted', close: async () => mock.stop() };
}
