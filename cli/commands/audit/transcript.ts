import type { ReplaySessionResponse } from '#proto/sworn/audit/v1/audit_service_pb.ts';
import type { Exchange } from '#proto/sworn/audit/v1/exchange_pb.ts';
import { callerName, countsText } from '../../output/names.ts';
import type { Output } from '../../output/output.ts';
import { sanitise, sanitiseLine } from '../../output/sanitise.ts';
import { formatTime } from '../../output/time.ts';
import { type AnswerReader, createAnswerReader } from '../../transcript/answer.ts';
import type { Turn } from '../../transcript/item.ts';
import { readAdded } from '../../transcript/turns.ts';
import { peopleFields } from './people.ts';
import { decisionText, durationText, erasureText, outcomeText } from './render.ts';

const LABEL_WIDTH = 11;

/** Writes a replay for people: each speaker on a new line, the answer's pieces as they come. */
export interface Transcript {
  show(response: ReplaySessionResponse): Promise<void>;
  /** Ends a line that is still open. */
  close(): Promise<void>;
}

/** Makes a transcript on this output. */
export function createTranscript(output: Output): Transcript {
  let answer: AnswerReader = createAnswerReader();
  let speaker = '';

  async function endLine(): Promise<void> {
    if (speaker !== '') await output.write('\n');
    speaker = '';
  }

  async function say(turns: readonly Turn[]): Promise<void> {
    for (const turn of turns) {
      if (turn.speaker !== speaker) {
        await endLine();
        await output.write(labelOf(sanitiseLine(turn.speaker)));
        speaker = turn.speaker;
      }
      await output.write(sanitise(turn.text).replaceAll('\n', `\n${' '.repeat(LABEL_WIDTH + 1)}`));
    }
  }

  /** Nothing of what is empty. */
  async function tell(label: string, text: string): Promise<void> {
    if (text !== '') await output.write(`${label.padEnd(LABEL_WIDTH)} ${sanitiseLine(text)}\n`);
  }

  async function begin(exchange: Exchange): Promise<void> {
    answer = createAnswerReader();
    await endLine();
    const who = callerName(exchange.caller) || 'not verified';
    await output.write(
      `\n${sanitiseLine(['##', formatTime(exchange.startTime), who, exchange.model, exchange.name].filter((part) => part !== '').join('  '))}\n`,
    );
    await tell('decision', decisionText(exchange.decision));
    for (const [label, text] of peopleFields(exchange)) {
      for (const line of text.split('\n')) await tell(label, line);
    }
    await tell('content', erasureText(exchange));
    for (const turn of readAdded(exchange.prompt?.body ?? new Uint8Array())) {
      await say([turn]);
      await endLine();
    }
  }

  async function end(exchange: Exchange): Promise<void> {
    await say(answer.end());
    await endLine();
    const masked = countsText(exchange.responseFindings);
    const parts = [
      outcomeText(exchange.outcome),
      durationText(exchange),
      masked === '' ? '' : `masked ${masked}`,
    ];
    await tell('outcome', parts.filter((part) => part !== '').join(', '));
  }

  return {
    async show({ event }) {
      if (event.case === 'begin') await begin(event.value);
      else if (event.case === 'frame') await say(answer.push(event.value.data));
      else if (event.case === 'end') await end(event.value);
    },
    close: endLine,
  };
}

/** The beginning of a speaker's line. What a call is of stands with the text; a long label has a line of its own. */
function labelOf(speaker: string): string {
  const [label = '', ...rest] = speaker.split(' ');
  const before =
    label.length > LABEL_WIDTH ? `${label}\n${' '.repeat(LABEL_WIDTH)}` : label.padEnd(LABEL_WIDTH);
  return `${[before, ...rest].join(' ')} `;
}
