/** Notes of visits, wards and units. */
export const NOTES: readonly string[] = [
  `PATIENT: {patient.listed}
DOB: {dob}    MRN: {mrn}
DATE OF [SERVICE|VISIT]: {day}
[PROVIDER|ATTENDING]: {doctor.full}, MD

CHIEF COMPLAINT: {complaint}
HISTORY OF PRESENT ILLNESS: {Mr} {patient.family} is a [{adult}|{adult}|{age}]-year-old {man} with {history} who [presents|comes] with {complaint}. {prose} {prose}
{fact}
PHYSICAL EXAM: {vitals}. {finding}; {finding}.
ASSESSMENT AND PLAN: {diagnosis}. {plan}. {prose}
{fact}

Electronically signed by {doctor.full}, MD[ on {day} at {time}|]`,
  `S: {patient.given} [is here|came in] [today|] [with {his} {relation}|alone|] for {complaint}. {prose}
{fact}
O: {vitals}. {prose}
A: {diagnosis}, [stable|worse|better]
P: {plan}
   {plan}
   {fact}
[— {doctor.initials}|-- {doctor.family}, NP|]`,
  `Progress note, {date}, {time}
{patient.full} [(MRN {mrn}) |] [slept well|had a restless night]. {prose} {prose} {fact}
- {plan}
- {plan}
- {fact}
[Plan discussed with Dr. {colleague.family}.|Will sign out to {colleague.full}.|]`,
  `DISCHARGE SUMMARY
Name: {patient.full}
Admitted: {date}   Discharged: {date}
Hospital: {hospital}, {city}, {state}
Attending: Dr. {doctor.full}

Hospital course: {patient.full} was admitted [from home|from {clinic}|through {ward}] with {complaint}. {prose} {prose} {prose}
On {date} {he} underwent {surgery} by Dr. {colleague.family}. {prose}
Disposition: home to {street}, {city}, with {his} {relation} {relative.given}.
Medication: {drug} {dose} {frequency}; {drug} {dose} {frequency}
Follow-up: {clinic}, {date}, {phone}.
{fact}
{fact}`,
  `[ED|EMS] note. {adult} y/o {man}, {patient.short}, {complaint} since {time}. {prose} {fact} {prose}
Contacted {relative.full} ({relation}) at {phone}. {fact}
Handed over to {colleague.full}, {hospital}.`,
  `Nursing: Pt {patient.family} [resting|up in chair|off unit for {imaging}]. {vitals}. {prose} {fact} Call light in reach. [{nurse.given} {nurse.family} RN|{nurse.initials}|{nurse.short}, RN]`,
  `OPERATIVE REPORT
Patient: {patient.full}      Account: {account}
Surgeon: {doctor.full}, MD   Assistant: {colleague.full}, PA-C
Date of procedure: {day}
Procedure: {surgery}
Implants: {material}, serial number {serial}
Findings: {finding}. {prose}
{fact}
The patient was taken to {ward}. {fact}`,
  `Telephone encounter {day}
Caller: {relative.full}, {relation} of {patient.full} (DOB {dob})
Callback: {phone}
Message: {he} has {complaint} [again|since {weekday}], wants to know about {drug}. {fact}
Advice: {plan}. {prose}
Routed to Dr. {doctor.family} [for review|].`,
  `PSYCHIATRY FOLLOW UP. {patient.given} {patient.family} reports {complaint}. {score}. Moved to {city} in {year}, works at {company}. {fact} {fact} {prose} Next visit {date}.`,
  `Radiology report: {imaging}
Patient {patient.listed}, born {dob}, ordered by {doctor.full}
Exam date {day}. Comparison: {date}.
Accession number {unique}
Technique and findings: {prose} {prose}
Impression: {diagnosis}. Findings were called to Dr. {colleague.family} at {time}.
{fact}`,
];
