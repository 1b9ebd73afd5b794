import { type Detector, type Finding, scanWhole } from '#core/phi/detect.ts';
import { type MaskPlan, maskedEntities } from '#core/phi/mask.ts';

/**
 * What finds PHI in a text: all of it, or with a plan what the plan masks. A finding of an entity that the plan
 * leaves then hides none of another, just as when masking.
 */
export function createFinder(detector: Detector, plan: MaskPlan | undefined): (text: string) => Finding[] {
  if (plan === undefined) return detector.scan;
  const masked = maskedEntities(detector, plan);
  return (text) => scanWhole(detector.open(masked), text);
}
