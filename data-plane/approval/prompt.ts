import type { PromptText } from '#core/provider/openai/request.ts';

/** What the control plane takes (plane_service.proto), less room for the notice. */
const MAX_TEXTS = 9_000;
/** More than a person reads; the control plane keeps no more either. */
const MAX_CHARACTERS = 1_000_000;

/** The texts of a prompt that a reviewer gets to see, with a notice in front when that is not all. */
export function promptForReviewers(texts: readonly PromptText[]): PromptText[] {
  const shown: PromptText[] = [];
  let left = MAX_CHARACTERS;
  for (const { place, text } of texts) {
    if (shown.length === MAX_TEXTS || left === 0) break;
    shown.push({ place, text: text.slice(0, left) });
    left -= Math.min(text.length, left);
  }
  const whole =
    shown.length === texts.length && shown.every(({ text }, at) => text.length === texts[at]?.text.length);
  if (whole) return shown;
  const notice = `This prompt is too long to show: only its first ${shown.length} of ${texts.length} texts follow, cut.`;
  return [{ place: '(notice)', text: notice }, ...shown];
}
