import type { Detector } from './detect.ts';

/** Something of every kind; all invented, or numbers published as examples. */
const TEXT = `Patient: Jane Doe, DOB 01/02/1980, 93 years old, MRN: 00123456, SSN 078-05-1120. Seen by Dr. Anna S. Lee at Mercy
General Hospital in Tulsa, OK 74103 on March 3, 2024 for Parkinson's disease. Call (555) 555-0134, fax 555-555-0199, or write
to jane.doe@example.com; https://example.com/chart?id=1 from 192.0.2.7. Member ID: XYZ123456789, card 4111 1111 1111 1111,
account # 4455667788, license no. A1234567, serial number SN-445566, case 2024-00117. lives at 12 Elm Street. named maria.`;

/**
 * Lets the detector read a text, so that its lists, expressions and the first of its automata's states are there
 * before somebody waits for them: without it the first text costs a tenth of a second and more.
 */
export function warmUp(detector: Detector): void {
  detector.scan(TEXT);
}
