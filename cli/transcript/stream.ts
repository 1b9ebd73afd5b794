import type { Turn } from './item.ts';
import { get, list, string } from './json.ts';

/** Reads the events of one streamed answer: Responses events by `type`, chunks of completions by `choices`. */
export interface StreamReader {
  read(event: unknown): Turn[];
}

const DELTAS: Readonly<Record<string, string>> = {
  'response.output_text.delta': 'assistant',
  'response.output_audio_transcript.delta': 'assistant',
  'conversation.item.input_audio_transcription.delta': 'user',
  'response.refusal.delta': 'refusal',
  'response.reasoning_summary_text.delta': 'reasoning',
  'response.reasoning_text.delta': 'reasoning',
};

/** The events that repeat a text whole, and where they have it; read only when no delta came before. */
const WHOLE: Readonly<Record<string, readonly [speaker: string, field: string]>> = {
  'response.output_text.done': ['assistant', 'text'],
  'response.output_audio_transcript.done': ['assistant', 'transcript'],
  'conversation.item.input_audio_transcription.completed': ['user', 'transcript'],
  'response.refusal.done': ['refusal', 'refusal'],
};

/** Keeps, over the events of one answer, the names of running tool calls and which texts have come in pieces. */
export function createStreamReader(): StreamReader {
  const calls = new Map<string, string>();
  const streamed = new Set<string>();

  function readArguments(event: unknown, text: string): Turn[] {
    return [{ speaker: `call ${calls.get(string(get(event, 'item_id'))) ?? ''}`, text }];
  }

  function readResponsesEvent(type: string, event: unknown): Turn[] {
    const part = `${string(get(event, 'item_id'))}/${String(get(event, 'content_index'))}`;
    const speaker = DELTAS[type];
    if (speaker !== undefined) {
      streamed.add(part);
      return [{ speaker, text: string(get(event, 'delta')) }];
    }
    const whole = WHOLE[type];
    if (whole !== undefined) {
      return streamed.has(part) ? [] : [{ speaker: whole[0], text: string(get(event, whole[1])) }];
    }
    const item = get(event, 'item');
    switch (type) {
      case 'response.output_item.added':
        if (get(item, 'type') === 'function_call')
          calls.set(string(get(item, 'id')), string(get(item, 'name')));
        return [];
      case 'response.function_call_arguments.delta':
        streamed.add(part);
        return readArguments(event, string(get(event, 'delta')));
      case 'response.function_call_arguments.done':
        return streamed.has(part) ? [] : readArguments(event, string(get(event, 'arguments')));
      case 'response.done':
        return get(get(event, 'response'), 'status') === 'failed'
          ? errorTurn(get(get(get(event, 'response'), 'status_details'), 'error'))
          : [];
      case 'response.failed':
        return errorTurn(get(get(event, 'response'), 'error'));
      case 'response.incomplete':
        return [
          {
            speaker: 'incomplete',
            text: string(get(get(get(event, 'response'), 'incomplete_details'), 'reason')),
          },
        ];
      case 'error':
        return errorTurn(get(event, 'error') ?? event);
      default:
        return [];
    }
  }

  function readChoice(choice: unknown): Turn[] {
    const delta = get(choice, 'delta');
    const turns: Turn[] = [];
    // Legacy completions have their text in the choice.
    const content = string(get(delta, 'content')) || string(get(choice, 'text'));
    if (content !== '') turns.push({ speaker: 'assistant', text: content });
    const refusal = string(get(delta, 'refusal'));
    if (refusal !== '') turns.push({ speaker: 'refusal', text: refusal });
    for (const call of list(get(delta, 'tool_calls'))) {
      const key = `${String(get(choice, 'index'))}/${String(get(call, 'index'))}`;
      const name = string(get(get(call, 'function'), 'name'));
      if (name !== '') calls.set(key, name);
      turns.push({
        speaker: `call ${calls.get(key) ?? ''}`,
        text: string(get(get(call, 'function'), 'arguments')),
      });
    }
    return turns;
  }

  return {
    read(event) {
      const type = string(get(event, 'type'));
      if (type !== '') return readResponsesEvent(type, event);
      if (get(event, 'error') !== undefined) return errorTurn(get(event, 'error'));
      return list(get(event, 'choices')).flatMap(readChoice);
    },
  };
}

function errorTurn(error: unknown): Turn[] {
  return [{ speaker: 'error', text: string(get(error, 'message')) || JSON.stringify(error ?? null) }];
}
