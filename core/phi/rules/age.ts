import type { Rule } from '../engine/rule/rule.ts';
import { anyOf } from './any-of.ts';
import { STRONG_GAP } from './parts.ts';

/** 45 CFR 164.514(b)(2)(i)(C): all ages over 89. Nobody known has passed 125. */
const OVER_89 = '(?:9\\d|1[01]\\d|12[0-5])';
const YEARS = `(?:[ -]?(?i:years?|yrs?|y)(?:[ -]?(?i:old|o|of age))?(?: (?i:old|of age))?|[ -]?(?i:y/o|yo[mf]?|y\\.o\\.?)|[ -]?(?i:year[- ]old)|[ -]?(?i:años|anos|ans|jahre|lat|anni|let))`;
const SEX =
  '(?:(?: ?/ ?| )?[MFmf]| (?:W|B|H|A|AA|C|L|NH)[MF]| (?i:male|female|lady|gentleman|man|woman|guy))';

/** What a figure behind a colon measures or counts. */
const MEASURES = anyOf(
  `albumin alt ast alp amylase lipase ferritin iron folate vitamin sodium potassium chloride bicarb calcium glucose sugar
  fasting bedtime breakfast lunch dinner morning evening noon pulse rate resp temp weight height systolic diastolic sat
  oxygen pain score total sum mean median range min max low high level goal target dose day week month year page item
  question chapter room bed floor unit suite grade stage class type version step phase cycle round lot code line figure
  table channel frequency speed volume flow pressure peep tidal output intake urine drain net balance copay cost price fee
  charge hemoglobin hematocrit cholesterol troponin ammonia braden morse norton glasgow barthel percentile accuracy before
  after pre post baseline peak trough now then today yesterday monday tuesday wednesday thursday friday saturday sunday
  reading result value count average current previous last first initial repeat age left right map`.split(
    /\s+/,
  ),
);

export const AGE_RULES: readonly Rule[] = [
  {
    entity: 'AGE',
    name: 'age.years',
    score: 0.85,
    value: `${OVER_89}${YEARS}`,
    check: checkYears,
  },
  {
    entity: 'AGE',
    name: 'age.sex',
    score: 0.8,
    // "fever over 101 F" is a temperature.
    unless:
      '[A-Z][a-z]?-|(?i:hr|rate|pulse|bpm|rr|map|fever|febrile|temp|temperature|tmax|t|over|above|under|below|to|than|exceeds|reaches|of|was|at|hit|about|around|spike)[ :=]{1,2}',
    value: `${OVER_89}${SEX}`,
    check: checkYears,
  },
  {
    entity: 'AGE',
    name: 'age.birthday',
    score: 0.85,
    value: `${OVER_89}(?:(?:st|nd|rd|th) (?i:birthday|bday|b-day|year)|-?something|\\. (?i:geburtstag))`,
    check: checkYears,
  },
  {
    entity: 'AGE',
    name: 'age.labelled',
    score: 0.85,
    before: `(?:<(?:[a-z]{1,10})?[Aa]ge>|(?i:(?:pt |patient[ _]?)?age(?:d)?(?: (?:of|is|was|in years))?|turned|turning|turns|lived to(?: be)?|made it to|(?:died|passed(?: away)?|living|alive|deceased|dead|d\\.|age|well|independent) at(?: the age of| age)?)(?:${STRONG_GAP}| | - |\\r?\\n))`,
    // "Age 90 or older" is a class of people.
    value: `${OVER_89}(?: ?\\+|%| (?i:percent|bpm|mg|kg|lbs?|mmhg|degrees)| (?i:or|and|years or|years and) (?i:older|over|above|up|greater))?`,
    check: (value) => (/^\d+$/.test(value) ? value.length : 0),
  },
  {
    entity: 'AGE',
    name: 'age.said',
    score: 0.7,
    before: `(?:(?i:he|she|they|patient|pt|mom|dad|mother|father|grandma|grandpa|grandmother|grandfather|husband|wife|who|i)(?i:'s|'m|'ll be| is| was| am| will be| would be| would have been)|(?i:shes|hes|im|whos)|[A-Z][a-zß-ÿĀ-ſ'-]{2,20} is)(?: (?i:now|already|almost|only|about))? `,
    unless: `(?i:pulse|rate|pressure|weight|level|saturation|sat|score|glucose|temperature|pulse ox|map|count|ferritin|creatinine|sodium) is `,
    value: `${OVER_89}(?:%|\\.\\d|/\\d| (?i:percent|kg|lbs?|pounds|bpm|mg|days|minutes|hours|on))?`,
    check: (value) => (/^\d+$/.test(value) ? value.length : 0),
  },
  {
    // "Novak in the step-down is 90, full code"; "54 kg, 91, CrCl 28"
    entity: 'AGE',
    name: 'age.between',
    score: 0.5,
    anywhere: true,
    unless:
      '(?i:pulse|rate|pressure|weight|level|levels|saturation|sat|sats|score|glucose|sugar|temperature|temp|ox|map|count|ferritin|creatinine|sodium|hr|bp|o2|spo2|it|result|value|total|percent|average|mean|dose|systolic|diastolic|number|bpm|reading|limit|target|goal|range|max|min|iq|ldl|hdl|mcv|egfr|cr|one|that|which|this|a1c|area|room|bed|floor|unit|percentile|threshold|cutoff|cut-off|probability|likelihood|albumin|sensitivity|specificity|accuracy|page|item|question|code|step|chapter|anc|platelets|volume|output|intake|residual|flow|speed|minimum|maximum|price|cost|fee|copay|bill|balance|size|length|height|time|interval|gap|index|grade|ratio|risk|chance|power|confidence|percentage|median|sum|version|cholesterol|insulin|protein|chloride|calcium) is ',
    before: '(?:[a-z] is|(?i:kg|lbs?|cm|male|female|man|woman)(?:,|;)) ',
    value: `${OVER_89}(?:,|;|\\.| (?:and|but) (?:wants|lives|has|is|was|uses|takes|walks|refuses|needs|still|cannot|can|frail|demented|spry|healthy|bedbound|bed-bound|independent|confused|deaf|blind|weak|sick|alone|widowed|active|sharp|well|failing|dying|declining|ambulatory|nonverbal|bedridden|in|on))`,
    check: checkYears,
  },
  {
    entity: 'AGE',
    name: 'age.apposition',
    score: 0.6,
    before: `(?:[A-Z][a-zà-ÿ'-]{2,20}|(?i:patient|pt|man|woman|mother|father|mom|dad|grandmother|grandfather|grandma|grandpa|gramps|gran|nan|nana|pops|aunt|uncle|husband|wife|resident|centenarian|nonagenarian))(?:, | \\()|(?:[A-Z][a-zà-ÿ'-]{2,20}|[A-Z][A-Z'-]{2,20}) ?[,;|] ?|[A-Z][A-Za-zà-ÿ'-]{2,20}, [A-Z](?:[a-z]{1,15}|\\.)? ?[|\\t;] ?`,
    unless: `(?:^|[^A-Za-z])(?i:glucose|sugar|hr|rr|spo2|sats?|saturation|pulse|rate|sodium|chloride|mcv|map|fio2|ldl|hdl|weight|wt|bp|score|temp|plt|platelets|egfr|gfr|room|bed|rm|ward|unit|lot|grade|class|type|stage|level|tsh|troponin|systolic|diastolic|percent|na|cl|cr|alt|ast|alp|ck|total|count|mean|median|min|max|low|high|page|item|code|test|value|result)(?: ?[,;|] ?| \\()`,
    value: `${OVER_89}(?: ?\\|| ?[,;)!"][A-Za-z0-9]{0,40}|\\. |\\n|/[MF])`,
    check: checkYears,
  },
  {
    // "At 92 is an ICD reasonable?", "is dialysis futile at 94?", "still driving at 90,"
    entity: 'AGE',
    name: 'age.at',
    score: 0.5,
    anywhere: true,
    before:
      '(?:(?:^|\\n|[.?!] )(?i:at|is)|(?i:futile|reasonable|worthwhile|worth it|worth|appropriate|indicated|useful|pointless|sensible|advisable|beneficial|recommended|necessary|dangerous|risky|alone|independent(?:ly)?|still [a-z]{2,12}ing|now|even|still,?|driving|living|walking|working|golfing|gardening|ok|okay|too old|candidate|cpr|dialysis|surgery|screening|statins?|chemo|colonoscopy|mammogram|transplant|anticoagulation|coded?|who) at) ',
    unless:
      '(?i:map|sbp|bp|hr|sats?|spo2|o2|glucose|ldl|level|goal|target|rate|pulse|pressure)[a-z ]{0,12} at ',
    value: `${OVER_89}(?:%|[./:-]\\d| ?[A-Za-z]{1,12})?`,
    check: (value) => {
      const [, age = '', rest = ''] = /^(\d+)(.*)$/.exec(value) ?? [];
      return rest === '' ||
        /^ (?:is|are|would|should|do|does|can|could|will|with|and|in|he|she|they|i|who|if|but|or|still|why|what|how|ever|really|worth|reasonable|ok|okay|safe|already)$/.test(
          rest,
        )
        ? age.length
        : 0;
    },
  },
  {
    // "92 when she moved in"
    entity: 'AGE',
    name: 'age.when',
    score: 0.5,
    unless:
      '(?i:pulse|rate|pressure|weight|saturation|sats?|spo2|score|glucose|sugar|temperature|temp|map|hr|bp|ox|o2|level|percent|reading|it)(?: (?i:was|is|at|of|read|hit))?[ :]{1,2}',
    value: `${OVER_89}(?:%|\\.\\d|,? when (?i:he|she|they|i|we) [a-z']{1,12})`,
    check: (value) => (/ /.test(value) ? checkYears(value) : 0),
  },
  {
    // "in a man of 91"
    entity: 'AGE',
    name: 'age.of',
    score: 0.6,
    before:
      '(?i:man|men|woman|women|gentleman|lady|male|female|person|patients?|resident|widow|widower|veteran|adult|someone|somebody|anyone|mother|father|grandmother|grandfather) of ',
    value: `${OVER_89}(?:%|[./:-]\\d| ?[A-Za-z]{1,12})?`,
    check: (value) =>
      / ?(?:kg|lbs?|pounds|mg|patients|percent|cm|days|weeks|months|participants|subjects|cases|controls)$/i.test(
        value,
      )
        ? 0
        : (/^\d+(?!\d)/.exec(value.replace(/^\d+(?:%|[./:-]\d)$/, ''))?.[0].length ?? 0),
  },
  {
    // "yes: at 93, your grandmother can"
    entity: 'AGE',
    name: 'age.at-who',
    score: 0.5,
    anywhere: true,
    before: '(?:^|\\n|[.,;:?!(] ?)(?i:at) ',
    value: `${OVER_89}, (?i:your|his|her|my|our|their|she|he|they|i) ?[A-Za-z']{1,12}`,
    check: (value) => value.indexOf(','),
  },
  {
    // "grandma 96", "mom is like 91": of somebody, without a unit.
    entity: 'AGE',
    name: 'age.kin',
    score: 0.5,
    before: `(?i:mom|dad|mother|father|grandma|grandpa|granny|gramma|grampa|nana|gma|gpa|gramps|gran|nan|pops|poppy|nonna|nonno|mother[- ]in[- ]law|father[- ]in[- ]law|meemaw|mamaw|papaw|pawpaw|abuela|abuelo|abuelita|abuelito|grandmother|grandfather|great[- ]aunt|great[- ]uncle|aunt|uncle|auntie|lola|lolo|oma|opa|lady|gentleman|widow|widower|pt|patient|resident|veteran|vet)(?:,|,? (?i:is|was|age|aged|who is|who's|about|almost|only|now|is about|is almost|is like|is now|turned|turns|just turned))? `,
    value: `${OVER_89}(?:%|[./:-]\\d| (?i:percent|kg|lbs?|pounds|bpm|mg|mcg|units?|ml|days?|minutes?|min|hours?|weeks?|months?|on ra|on \\d|over|degrees|f|calories|steps|miles|cm|patients|times))?`,
    check: (value) => (/^\d+$/.test(value) ? value.length : 0),
  },
  {
    // "is 94 too old for it?"
    entity: 'AGE',
    name: 'age.too',
    score: 0.7,
    value: `${OVER_89} (?i:(?:(?:too|very|so|that|really) (?:old|young|frail|late)|old enough|is (?:too|very) old))`,
    check: checkYears,
  },
  {
    // "died December 2 at 91", "passed away last night at home at 94"
    entity: 'AGE',
    name: 'age.died',
    score: 0.7,
    before: `(?i:died|passed(?: away)?)(?: (?:[A-Z][a-z]{2,8}\\.? \\d{1,2}(?:,? (?:19|20)\\d\\d)?,?|\\d{1,2}/\\d{1,2}(?:/\\d{2,4})?,?|(?i:on|in|last|this|yesterday|peacefully|suddenly|quietly|early|late|at home|night|morning|week|month|spring|summer|fall|winter|sunday|monday|tuesday|wednesday|thursday|friday|saturday))){1,4} (?i:at|aged?)(?: (?:the )?age(?: of)?)? `,
    value: `${OVER_89}(?:%|[:/.-]\\d{1,6}| ?(?i:am|pm|percent|km|miles|hours|minutes))?`,
    check: (value) => (/^\d+$/.test(value) ? value.length : 0),
  },
  {
    // "My father, Giuseppe Tarantello, is 94 and fell": whoever is named before.
    entity: 'AGE',
    name: 'age.named',
    score: 0.6,
    before: `[A-ZÀ-Þ][A-Za-zÀ-ɏ'-]{1,24} [A-ZÀ-Þ][A-Za-zÀ-ɏ'-]{1,24},? (?i:is|was|turned|turns|just turned|is now)(?: (?i:now|already|almost|about))? `,
    value: `${OVER_89}(?:%|[./:-]\\d| ?(?i:percent|kg|lbs?|pounds|bpm|mg|mcg|units?|ml|mmhg|degrees|f|on))?`,
    check: (value) => (/^\d+$/.test(value) ? value.length : 0),
  },
  {
    // "DOB 3/3/1929, 96"
    entity: 'AGE',
    name: 'age.behind-birth',
    score: 0.6,
    before: `(?i:dob|d\\.o\\.b\\.|born|b\\.)[ :]{1,2}\\d{1,2}[/-]\\d{1,2}[/-]\\d{2,4}(?:,| -|;| \\() ?(?i:age |aged )?`,
    value: `${OVER_89}(?:[./%-]\\d)?`,
    check: (value) => (/^\d+$/.test(value) ? value.length : 0),
  },
  {
    // "Olga: 97, DNR", "Tolliver - 96 F": behind a word with a capital that measures nothing.
    entity: 'AGE',
    name: 'age.name-colon',
    score: 0.5,
    before: "[A-Z][a-z'-]{2,19}(?::| -| –) ",
    unless: `(?:^|[^A-Za-z])(?i:${MEASURES}|[a-z]{3,12}(?:itis|tion|ity|ness|ment|ing|ose|ase|ine|ide|ol|in|um|ate|age|ure)|[a-z]{1,12}s)(?::| -| –) `,
    value: `${OVER_89}(?:, ?[A-Za-z]{1,12}| ?(?:[yYfFmM]|yo)[ ,.])`,
    check: checkYears,
  },
  {
    entity: 'AGE',
    name: 'age.brackets',
    score: 0.8,
    before: '\\((?i:f|m|female|male)[,/ ]{1,2}',
    anywhere: true,
    value: OVER_89,
  },
  {
    entity: 'AGE',
    name: 'age.cell',
    score: 0.7,
    anywhere: true,
    before: `(?:^|[\\n,|;\\t]) ?`,
    value: `${OVER_89} ?[,|;\\t] ?(?i:m|f|male|female)`,
    check: checkYears,
  },
  {
    // "F|91", "Female, 92": behind the sex.
    entity: 'AGE',
    name: 'age.cell-behind',
    score: 0.6,
    anywhere: true,
    before: `(?:^|[\\n,|;\\t(]) ?(?i:m|f|male|female) ?[,|;\\t/] ?`,
    value: `${OVER_89}(?:[.%/]\\d?)?`,
    check: (value) => (/^\d+$/.test(value) ? value.length : 0),
  },
  {
    entity: 'AGE',
    name: 'age.turned-word',
    score: 0.6,
    before: '(?i:turned|turning|turns|aged?|age of) ',
    value: '(?i:ninety|(?:a|one) hundred)',
  },
  {
    entity: 'AGE',
    name: 'age.decade',
    score: 0.8,
    before: `(?i:in (?:his|her|their|the|my)(?: (?:early|mid|late))?[ -])`,
    value: `(?i:90s|nineties|100s)`,
  },
  {
    entity: 'AGE',
    name: 'age.word',
    score: 0.7,
    value: `(?i:nonagenarian|centenarian|supercentenarian|(?:ninety(?:[- ](?:one|two|three|four|five|six|seven|eight|nine))?|(?:a|one) hundred(?: (?:and )?(?:one|two|three|four|five))?)[- ]years?[- ]old|ninety[- ](?:one|two|three|four|five|six|seven|eight|nine)(?: (?:percent|mg|per|degrees|days|minutes|milligrams|units|beats|over))?)`,
    check: (value) =>
      /(?:percent|mg|per|degrees|days|minutes|milligrams|units|beats|over)$/i.test(value) ? 0 : value.length,
  },
];

/** Only the number is the age; a span of years that is no age ("for 90 years") is rare enough. */
function checkYears(value: string): number {
  return /^\d+/.exec(value)?.[0].length ?? 0;
}
