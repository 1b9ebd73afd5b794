/** JSON documents, as tools take them for arguments; all identifiers are strings. */
export const DOCUMENTS: readonly string[] = [
  String.raw`\{"patient":\{"name":"{patient.full}","dob":"{dob}","mrn":"{mrn}"\},"visit":\{"date":"{day}","provider":"Dr. {doctor.full}","facility":"{hospital}"\},"note":"{prose} {prose} {fact}\\n{prose} {fact}","dose_mg":{number},"priority":[true|false]\}`,
  String.raw`\{
  "to": "{email}",
  "subject": "Visit of {patient.full} on {date}",
  "body": "Dear {patient.given},\\n\\nyour results: {lab}, {lab}. {fact}\\nCall {phone}.\\n\\nDr. {doctor.family}",
  "urgent": [true|false]
\}`,
  String.raw`\{"query":"{patient.listed} {complaint}","filters":\{"city":"{city}","zip":"{zip}","since":"{day}","code":"{icd}"\},"limit":{number},"fields":\["{lab}","{diagnosis}","{drug} {dose}"\]\}`,
  String.raw`\{"messages":\[\{"from":"{nurse.full}","text":"{patient.given} has {complaint}. {vitals}. \"{plan}\", says Dr. {doctor.family}."\},\{"from":"{doctor.full}","text":"{fact} {prose}"\}\],"ward":"{ward}","time":"{time}"\}`,
  String.raw`\{"record":\{"id":"{uuid}","version":"{version}","summary":"{prose} {prose} {prose}","assessment":"{diagnosis} ({icd})","codes":\["{cpt}","{cpt}"\],"author":\{"name":"{doctor.full}","npi":"{npi}","phone":"{phone}"\}\}\}`,
];
