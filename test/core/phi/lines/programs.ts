import type { Lines } from './lines.ts';

/** Programs and what is written about them, which is full of what looks like labels and names; and identifiers among it. */
export const PROGRAMS: Lines = {
  found: [
    'see [⟦URL:docs.northbay.example/start⟧](⟦URL:https://docs.northbay.example/start/2023/06⟧)',
    'const owner = "⟦EMAIL_ADDRESS:ana@northbay.example⟧";',
    'Attending: ⟦PERSON:deShawn Carter⟧',
    // What is called like a model hides no number and no day.
    'gpt-⟦US_SSN:078-05-1120⟧ and claude-⟦PHONE_NUMBER:617-555-0134⟧',
    'phi-⟦DATE:2024-03-11⟧.csv',
  ],
  nothing: [
    'gpt-4-0613, gpt-4o-mini-2024-07-18 and gpt-3.5-turbo-16k-0613',
    'claude-3-5-sonnet-20241022, claude-sonnet-4-20250514, o1-2024-12-17',
    'mistral-7b-v0.3, DeepSeek-R1-0528, mistral-large-2407',
    'GET /deployments?api-version=2024-10-21',
    'const client = createClient(options)',
    'const provider = defaultProvider({ region })',
    'readonly signed: SignedHead | undefined',
    "import { init } from 'es-module-lexer'",
    "import { v4 as uuidv4 } from 'uuid'",
    'throw fail(Reason.INVALID_ARGUMENT)',
    'test/data-plane/proof.test.ts',
    'debug.log = console.info.bind(console)',
    'if (!ID.test(name)) return',
    'options.ca === undefined',
    'an X25519 key, and its thumbprint (RFC 7638)',
    'certificate (decoded-x509-certificate)',
    'tag_num = variant6.result',
    'withContext(Dispatchers.IO)',
    'at com.example.gateway.Server',
    'app.kubernetes.io/name: api',
    'caller=main.go:12 ts=1718822311.204',
    '{"level":30,"time":1718800000123,"pid":17}',
    'loops=1 rows=1204411',
    'Accession Number (0008,0050) and PatientID, (0010,0020)',
    'OIDs: 2.16.840.1.113883.3.464.1003.105.12.1007, 150 codes',
    'kruskal.test(crp ~ group) of {patient.name.family}',
    'a Title: Registered Nurse II, of the manual Rev. K',
    'topic orders.raw and Problem List, 11450-4',
    'the bundle has 5815135 bytes and 1204411 lines',
  ],
};
