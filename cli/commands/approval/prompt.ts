import { NOTICE_PLACE } from '#core/approval/fit-prompt.ts';
import type { PromptText } from '#proto/sworn/approval/v1/approval_pb.ts';
import { renderBlock } from '../../output/fields.ts';

type Text = Pick<PromptText, 'place' | 'text'>;

/** All that is in the prompt; the tools that it offers first, one block each, so that what is asked stands last. */
export function renderPrompt(prompt: readonly Text[], highlight?: (text: string) => string): string {
  const notices = prompt.filter(({ place }) => place === NOTICE_PLACE);
  const others = prompt.filter(({ place }) => place !== NOTICE_PLACE && toolOf(place) === '');
  const tools = [...Map.groupBy(prompt, ({ place }) => toolOf(place))].flatMap(([tool, texts]) =>
    tool === '' ? [] : [{ place: tool, text: texts.map((text) => lineOf(text, tool)).join('\n') }],
  );
  return [...notices, ...tools, ...others]
    .map(({ place, text }) => renderBlock(place, text, highlight))
    .join('');
}

/** `tools[0]` of `tools[0].name`; empty of what is no part of a tool. */
function toolOf(place: string): string {
  return /^tools\[\d+\]/.exec(place)?.[0] ?? '';
}

/** `name: look_up_visit`; `parameters.type: object` of the text `type: object` at `tools[0].parameters.type`. */
function lineOf({ place, text }: Text, tool: string): string {
  const path = place.slice(tool.length).replace(/^\./, '');
  // From where a key begins, not from each of its letters: a caller may give it a megabyte of them.
  const [, key = ''] = /(?<![^.[\]"])([^.[\]"]+)(?:"\])?$/.exec(path) ?? [];
  const value = text.startsWith(`${key}: `) ? text.slice(key.length + 2) : text;
  return `${path}${path === '' ? '' : ': '}${value.replaceAll('\n', '\n  ')}`;
}
