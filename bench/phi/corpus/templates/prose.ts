/**
 * Sentences without identifiers, as they stand between those with some. `{prose}` is one of them; the choices
 * make some 10^7 different ones, so that long texts do not repeat.
 */
export const PROSE: readonly string[] = [
  '[Complains of|Presents with|Here today for|Came in with|Reports] {complaint}[ for {small} [days|weeks|months]| since {weekday}| on and off|, worse at night].',
  '[Denies|No|Without] {complaint}[, {complaint}|] or {complaint}.',
  '[Past history|PMH|History]: {history}[, {history}|]; {surgery} in {year}.',
  'On exam {finding}, {finding}[; {finding}|].',
  '{vitals}.',
  '[Labs|Today|Results]: {lab}, {lab}[, {lab}|][, otherwise unremarkable|].',
  '[Started|Continue|Stopped|Increased] {drug} {dose} {frequency}[ for {diagnosis}|].',
  '{imaging} [showed|with|:] [no acute findings|mild degenerative change|a small effusion|findings that fit {diagnosis}].',
  '[Assessment|Impression]: {diagnosis} ({icd})[, [stable|worse|improving]|].',
  '[Plan|Next]: {plan}; {plan}.',
  '{score} [on arrival|today|at discharge|], {eponym} [noted|documented|discussed|not seen].',
  'Tolerated {dose} of {drug} [well|without side effects|poorly, with {complaint}].',
  'After {surgery} in {year} [did well|had {complaint}|needed {drug} {dose} {frequency}].',
  'Moved to {ward} at {time} [in stable condition|for monitoring|because of {complaint}].',
  'Billing: CPT {cpt}, ICD-10 {icd}[, {icd}|].',
  'Discussed [risks and benefits|the results|side effects of {drug}|diet and exercise] [at length|with the family|by phone|], [questions answered|agrees with the plan|wants to think about it].',
];
