/** Letters between practices, to patients, to insurers. */
export const LETTERS: readonly string[] = [
  `{hospital}
{street}
{city}, {state} {zip}
Tel {phone}  Fax {fax}

{day}

[RE|Re]: {patient.full}, DOB {dob}, MRN {mrn}

Dear Dr. {doctor.family},

Thank you for referring {Mr} {patient.family}, whom I saw [on {date}|last week] for {complaint}. {prose} {prose}
{fact}
My impression is {diagnosis}. I would suggest to {plan}. {prose}

[Sincerely|Kind regards|With best wishes],

{colleague.full}, MD
[{clinic}|NPI {npi}|{email}|]`,
  `Dear {colleague.full},

Please see this {adult}-year-old {man} from {city}, {patient.full}, for {complaint}. {prose} {fact}
{He} takes {drug} {dose} {frequency}. {prose}
{His} {relation} {relative.given} can be reached at {phone}. {fact}

Thank you,
{doctor.full}
{clinic}`,
  `To: {company}
Attn: Claims
Patient: {patient.full}
Member ID: {member}
Date of birth: {dob}

To whom it may concern,
{Mr} {patient.family} was treated at {hospital} from {date} to {date} for {diagnosis} ({icd}). {prose}
We ask you to cover {drug} {dose} {frequency}. {fact}
{fact}
[Yours faithfully|Sincerely],
{doctor.full}, [MD|DO|FNP]   License {licence}`,
  `Dear {patient.given},

Your [results|scans|blood tests] from {date} are back: {lab}, {lab}. [No changes are needed.|Please {plan}.]
[Your next visit is on {date} at {time}.|Call {phone} to set up a visit.] {fact}

[Best|Take care|Warmly],
Dr. {doctor.family}
{clinic}, {street}, {city}`,
  `{day}

School / employer note

Please excuse {patient.full} from [school|work] until {date}. {He} was seen at {clinic} for {complaint}.
Questions: {phone}[, {email}|].

{doctor.full}, [MD|PA-C]`,
  `CONSULTATION REQUEST
From: {doctor.full}, {clinic}      To: {specialty}, {hospital}
Patient: {patient.listed}   Sex: {M}   DOB: {dob}   SSN: {ssn}
Address: {street}, {city}, {state} {zip}
Phone: {phone}   Insurance: {company}, ID {member}
Reason: {complaint}. {prose}
{fact}
{fact}`,
  `Thank you for asking me to see your patient {patient.full} in the {specialty} clinic on {date}. {He} is accompanied by {his} {relation}, {relative.full}, who lives in {city}. {prose} {prose} {fact} I plan to {plan}. cc: Dr. {colleague.full}, {clinic}`,
];
