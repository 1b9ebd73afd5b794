import type { Rule } from '../engine/rule.ts';
import { GAP, labelled, NUMBER_WORD } from './parts.ts';

const TRAIT = `(?i:finger[ -]?prints?|thumb[ -]?prints?|palm[ -]?(?:prints?|vein)|voice[ -]?prints?|face[ -]?prints?|faceid|face id|touch id|retinal?|iris|biometrics?|dna|gait|facial(?: recognition| geometry)?|hand geometry)`;
const CARRIER = `(?:[ _-](?i:scans?|templates?|samples?|records?|hash|files?|images?|profiles?|data|enroll?ment|signature|reference|ref|token|vector|recognition))`;
const IMAGE_FILE =
  '[A-Za-z0-9_-]{1,80}(?:\\.[A-Za-z0-9_-]{1,20}){0,2}\\.(?i:jpe?g|png|heic|gif|tiff?|bmp|webp|raw|dng)';

export const BIOMETRIC_RULES: readonly Rule[] = [
  labelled({
    entity: 'BIOMETRIC_ID',
    name: 'biometric.labelled',
    score: 0.85,
    before: `${TRAIT}${CARRIER}{0,2}${NUMBER_WORD}?${GAP}(?:[a-z]{1,5}:)?`,
  }),
  labelled({
    entity: 'PHOTO_REFERENCE',
    name: 'photo.labelled',
    score: 0.8,
    before: `(?i:(?:full[- ]?face |patient |clinical |wound |id |profile |facial )?(?:photo(?:graph)?s?|picture|headshot|portrait|selfie|image))(?:[ _-](?i:id|file|ref(?:erence)?|number|no|#|name|link|upload|attached)){0,2}${GAP}`,
  }),
  {
    entity: 'PHOTO_REFERENCE',
    name: 'photo.file',
    score: 0.6,
    value: IMAGE_FILE,
    gate: '[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)*\\.(?i:jpe?g|png|heic|gif|tiff?|bmp|webp|raw|dng)',
  },
];
