/** Messages between people at work, and with patients. */
export const CHATS: readonly string[] = [
  `{nurse.given}: hey, can you look at {patient.full} in {ward}? {vitals}
{doctor.family}: on my way. [what is {his} MRN?|is {his} {relation} there?]
{nurse.given}: [{mrn}. |]{fact}
{doctor.family}: ok, {plan}. I will call {colleague.given} from {specialty}`,
  `[{time}] {nurse.full}: {patient.family} is asking for {drug} again
[{time}] {doctor.full}: {dose}, {frequency}. {fact}
[{time}] {nurse.full}: done, thx. {prose}`.replaceAll('[{time}]', String.raw`\[{time}\]`),
  `Patient: Hi, this is {patient.full}, born {dob}. I have {complaint}.
Assistant: I am sorry to hear that. Since when?
Patient: since {date}. My doctor is {doctor.full} at {clinic}. [My number is {phone}.|You can write to {email}.]
Assistant: Thank you, {patient.given}. {fact}`,
  `@{nurse.given} pls fax the records of {patient.listed} to {hospital}, fax {fax}. {fact} thanks, {doctor.given}`,
  `User: summarize this visit please
{patient.short} seen {date} w {complaint}; {prose} {fact}
User: and draft a note to {his} {relation} {relative.given} in {city}`,
  `hi dr {doctor.family}, its {relative.full}, {patient.given}'s {relation}. {he} has {complaint} again and we are in {city} until {date}. can you call me at {phone}? {fact}`,
];
