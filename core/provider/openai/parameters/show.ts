import type { JsonPath } from '../edit.ts';
import { joinPlace, type PromptText } from '../request/read-texts.ts';
import { PARAMETERS } from './catalogue.ts';
import type { ParameterReadings } from './read.ts';

/**
 * What a request asks of the provider, offers to the model and refers to, a line each, as far as its texts do not say it: `store: true`,
 * `tools: web_search, mcp`, `previous_response_id: resp_...`. What the provider takes an absent parameter for is left out, and the
 * model, which is told beside the texts.
 *
 * @param holder the place of the members that were read: `session`; empty for the body itself
 * @param texts of the same request
 */
export function showParameters(
  parameters: ParameterReadings,
  holder: string,
  texts: readonly PromptText[],
): PromptText[] {
  const said = new Set(texts.map(({ place }) => place));
  const lines = PARAMETERS.flatMap(({ name, kind }) => {
    const reading = parameters.get(name);
    if (reading === undefined || name === 'model') return [];
    const { values, places } = reading;
    // Kinds of tools and ids of files stand in many places.
    if (kind === 'list' && places.length === 0 && values.length > 0)
      return [{ place: joinPlace(holder, name), text: values.join(', ') }];
    return places.flatMap((place) =>
      'path' in place && isSaid(place.value)
        ? [{ place: placeOf(place.path, holder), text: String(place.value) }]
        : [],
    );
  });
  return lines.filter(({ place }) => !said.has(place));
}

function isSaid(value: unknown): boolean {
  return (
    typeof value === 'boolean' || typeof value === 'number' || (typeof value === 'string' && value !== '')
  );
}

function placeOf(path: JsonPath, holder: string): string {
  return path.reduce<string>(
    (place, step) => (typeof step === 'number' ? `${place}[${step}]` : joinPlace(place, step)),
    holder,
  );
}
