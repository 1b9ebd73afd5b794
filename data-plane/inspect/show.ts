import type { BatchLine } from '#core/provider/openai/batch/read.ts';
import { showParameters } from '#core/provider/openai/parameters/show.ts';
import { type ModelRequest, type PromptText, readRequest } from '#core/provider/openai/request/request.ts';
import type { Target } from '#core/provider/openai/request/target.ts';
import { redactBody } from '#core/provider/openai/secrets.ts';

/**
 * What a reviewer reads: where path or query say what a request is about, these first, then what it asks for, offers and refers to,
 * and its texts, without the secrets in them. Each line of a batch by itself.
 */
export function showRequest(
  target: Target,
  { texts: read, secrets, shown, parameters, parametersAt = '', lines }: ModelRequest,
  body: Uint8Array,
): readonly PromptText[] {
  const redacted = () => readRequest(target, redactBody(body, secrets)).texts;
  const texts = shown ?? (secrets.length === 0 ? read : redacted());
  const { route, path } = target;
  const asked = (line: BatchLine) => showParameters(line.parameters, line.place, line.texts);
  const byText = new Map(lines.map((line) => [line.texts[0], line]));
  return [
    ...(path === route.path ? [] : [{ place: 'path', text: path }]),
    ...showParameters(parameters, parametersAt, texts),
    ...lines.filter((line) => line.texts.length === 0).flatMap(asked),
    ...texts.flatMap((text) => {
      const line = byText.get(text);
      return line === undefined ? [text] : [...asked(line), text];
    }),
  ];
}
