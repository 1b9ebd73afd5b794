/** What clinicians type into an assistant. */
export const QUERIES: readonly string[] = [
  'Summarize the care of {patient.full}, [MRN {mrn}, |]who was admitted to {hospital} on {date} with {diagnosis}.',
  '{adult}{M} {patient.family}, {diagnosis}, {lab}, on {drug} {dose} {frequency}. {complaint}. what next?',
  'Draft a referral letter for {patient.full} (DOB {dob}) to Dr. {doctor.full} at {clinic} for {complaint}.',
  'Is {drug} {dose} safe for a {age} year old {man}, {patient.short}, with {lab}?',
  'pt {patient.full}, {mrn}, {complaint}, allergic to {drug}, [lives in {city}|from {city}], {score}. ddx?',
  'Write a discharge instruction for {Mr} {patient.family}: {surgery} on {date}, follow-up {date} with Dr. {doctor.family}. {fact}',
  'Translate for {patient.given}, the {relation} [of|is] {relative.full}: "{plan}". Send to {email}.',
  'My patient {patient.given} from {city} [moved to {city}|works at {company}] and needs a new {specialty} doctor. {fact}',
  'Can you extract the billing codes? {patient.listed}, seen {day} at {clinic}, CPT {cpt}, {icd}. {fact}',
  'What should I tell {relative.full} about {his} {relation} {patient.full}, who was found to have {diagnosis} on {date}? {fact}',
  'I am Dr. {doctor.full}[, NPI {npi}|], covering for {colleague.full}. {prose} {fact} Please make an SBAR.',
  'check dose pls: {patient.given}, {number} kg, {drug} {dose} {frequency}, mom {relative.given} {phone}',
  'Who should follow {Mr} {patient.family} after {surgery} at {hospital} on {date}? {prose} {fact}',
];
