/** Registers, forms and lists. */
export const TABLES: readonly string[] = [
  `| Name | DOB | MRN | Phone | Visit |
|---|---|---|---|---|
| {someone.full} | {dob} | {mrn} | {phone} | {day} |
| {someone.listed} | {dob} | {mrn} | {phone} | {day} |
| {someone.full} | {dob} | {mrn} | {phone} | {day} |`,
  `name,dob,ssn,email,zip,city
{patient.full},{dob},{ssn},{email},{zip},{city}`,
  `Registration
Name:            {patient.full}
Sex:             {M}
Birth date:      {dob}
Address:         {street}
                 {city}, {state} {zip}
Home phone:      {phone}
E-mail:          {email}
SSN:             {ssn}
Employer:        {company}
Insurance ID:    {member}
Next of kin:     {relative.full} ({relation}), {phone}
{fact}
{fact}`,
  `Bed 1  {someone.listed}  {adult}{M}  {diagnosis}  Dr. {doctor.family}  adm {date}
Bed 2  {someone.listed}  {age}{M}  {diagnosis}  Dr. {colleague.family}  adm {date}
Bed 3  {someone.short}  {adult}{M}  {diagnosis}  {plan}`,
  `Patient\t{patient.full}
Record number\t{mrn}
Device\t{material} implant, S/N {serial}
Implanted\t{day} at {hospital}
Physician\t{doctor.full}, NPI {npi}, DEA {dea}
Contact\t{phone} / fax {fax}`,
  `Today's list for Dr. {doctor.family}, {day}:
* {time} {someone.full} - {complaint}
* {time} {someone.full} - {surgery}, post-op
* {time} {someone.short} - new patient from {city}
* {time} {someone.given} {someone.family} - {fact}`,
  `Billing record
Account no.: {account} | Patient: {patient.full} | DOS: {day}
CPT {cpt}, {cpt} | ICD-10 {icd}
Payment: card {card} | Copay $ {number}
Rendering NPI: {npi} | {clinic}, {street}, {city}, {state} {zip}
{fact}`,
  String.raw`\{"patient": \{"name": "{patient.full}", "dob": "{dob}", "mrn": "{mrn}", "phone": "{phone}", "address": \{"street": "{street}", "city": "{city}", "zip": "{zip}"\}\}, "provider": "Dr. {doctor.full}", "visit_date": "{day}", "reason": "{complaint}", "medication": "{drug} {dose} {frequency}"\}`,
];
