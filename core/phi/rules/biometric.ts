import type { Rule } from '../engine/rule/rule.ts';
import { checkIdentifier, GAP, labelled, NUMBER_WORD } from './parts.ts';

const TRAIT = `(?i:finger[ -]?prints?|finger|thumb|thumb[ -]?prints?|palm[ -]?(?:prints?|vein)|voice[ -]?prints?|face[ -]?prints?|faceid|face id|touch id|retinal?|iris|biometrics?|dna|gait|facial(?: recognition| geometry)?|face|palm|voice|hand geometry)`;
const CARRIER = `(?:[ _-](?i:scans?|templates?|samples?|records?|hash|files?|images?|profiles?|data|enroll?ment|signature|reference|ref|token|vector|recognition|check|check passed|match|matched|verification|id|vec|tmpl)|Vector|Template|Id|Hash|(?i:print))`;
const IMAGE_FILE =
  '[A-Za-z0-9_-]{1,80}(?:\\.[A-Za-z0-9_-]{1,20}){0,2}\\.(?i:jpe?g|png|heic|gif|tiff?|bmp|webp|raw|nef|cr2|arw|dng|mov|mp4|avi|mpe?g|m4v|webm|wav|m4a|mp3|dcm)';

export const BIOMETRIC_RULES: readonly Rule[] = [
  labelled({
    entity: 'BIOMETRIC_ID',
    name: 'biometric.labelled',
    score: 0.85,
    before: `${TRAIT}${CARRIER}{0,2}${NUMBER_WORD}?${GAP}(?:[a-z0-9]{1,5}:)?`,
  }),
  {
    entity: 'BIOMETRIC_ID',
    name: 'biometric.tagged',
    score: 0.6,
    // "fv:88204:e71c", "vp-4471-9f", "FR-2231-0b7c": short for face, voice or finger.
    value: '(?i:fv|vp|fp|fr|iris|palm|face|voice)[:_-][0-9A-Za-z]{3,12}(?:[:_-][0-9A-Za-z]{2,12}){1,3}',
    check: (value) => (value.replace(/[^0-9]/g, '').length >= 4 ? value.length : 0),
  },
  labelled({
    entity: 'PHOTO_REFERENCE',
    name: 'photo.labelled',
    score: 0.8,
    before: `(?i:(?:full[- ]?face |patient |clinical |wound |id |profile |facial )?(?:photo(?:graph)?s?|picture|headshot|portrait|selfie|image))(?:[ _-](?i:id|file|ref(?:erence)?|number|no|#|name|link|upload|attached)){0,2}${GAP}`,
    // "image sha256:9f86…" of a container, "linux-image-5.15" of a system.
    check: (value) => (/^sha\d+$|^\d+(?:\.\d+)+$/i.test(value) ? 0 : checkIdentifier(value)),
  }),
  {
    entity: 'PHOTO_REFERENCE',
    name: 'photo.file',
    score: 0.6,
    value: IMAGE_FILE,
    // `orders.raw` is more often a table or a member than a picture, and `out.mp4` anybody's.
    check: (value) =>
      /^[A-Za-z._-]+\.raw$|^(?:in|out|input|output|logo|icon|favicon|banner)\./.test(value)
        ? 0
        : value.length,
    gate: '[A-Za-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)*\\.(?i:jpe?g|png|heic|gif|tiff?|bmp|webp|raw|nef|cr2|arw|dng|mov|mp4|avi|mpe?g|m4v|webm|wav|m4a|mp3|dcm)',
  },
];
