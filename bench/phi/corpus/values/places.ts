import type { Random } from '../random.ts';
import { FAMILY_NAMES, RARE_FAMILY_NAMES } from './names.ts';

const lines = (text: string): readonly string[] => text.trim().split(/\s*[;\n]\s*/);

/** Cities of all sizes, real and invented; some are also ordinary words. */
export const CITIES = lines(`
  Boston; Chicago; Houston; Phoenix; Philadelphia; San Antonio; Dallas; Austin; Columbus; Indianapolis; Denver; Seattle
  Nashville; El Paso; Memphis; Baltimore; Milwaukee; Albuquerque; Tucson; Fresno; Sacramento; Omaha; Raleigh; Tulsa
  Wichita; Tampa; Anchorage; Toledo; Fort Wayne; Chula Vista; Durham; Lubbock; Laredo; Reno; Boise; Spokane; Tacoma
  Modesto; Shreveport; Akron; Little Rock; Knoxville; Chattanooga; Providence; Sioux Falls; Eau Claire; Bend; Dover
  Macon; Waterbury; Duluth; Flagstaff; Bismarck; Rapid City; Paducah; Bozeman; Burlington; Montpelier; Presque Isle
  Walla Walla; Yakima; Coeur d'Alene; St. Cloud; St. Paul; Ste. Genevieve; Winston-Salem; Wilkes-Barre; Fond du Lac
  Mobile; Reading; Orange; Independence; Lincoln; Hope; Eureka; Enterprise; Gary; Sandy; Aurora; Surprise; Normal
  Muskogee; Okmulgee; Wauwatosa; Chillicothe; Poughkeepsie; Schenectady; Kankakee; Oconomowoc; Natchitoches; Puyallup
  Ojai; Zzyzx Springs; Harrowfield; Lake Menasquot; North Tannerby; Veldkamp Falls; Quillan Bay; Port Ashlock
  Cinder Mesa; East Brackenridge; Ellingsworth; Dunmarrow; Santa Odilia; Bayou Clairmont; Thornewick; Mount Ossory`);

export const STATES = lines(`
  Texas; Ohio; Oregon; Vermont; Georgia; Maine; Nevada; Iowa; TX; OH; OR; CA; NY; MA; FL; WA; PA; IL; MN; NC; AZ; CO`);

const STREETS = lines(`
  Main; Oak; Elm; Maple; Second; 4th; 17th; Washington; Cedar Hollow; Lakeview; Martin Luther King; County Road 12; Sunset
  Juniper; Old Mill; Prospect; Quarry; Birchwood; Saint Charles; Los Robles; Camino Real; Highland; Park; Walnut; Hickory
  Fairview; Bluebonnet; Tamarack; Whispering Pines; Kapiolani; Peachtree; Bancroft; Wisteria; Foxglove; Sycamore`);
const SUFFIXES = lines(`
  Street; St; St.; Avenue; Ave; Ave.; Road; Rd; Rd.; Drive; Dr; Lane; Ln; Boulevard; Blvd; Court; Ct; Place; Way; Terrace
  Circle; Parkway; Pkwy; Trail; Highway`);

/** A street with its number, now and then with a unit; or a box of the post office. */
export function street(random: Random): string {
  if (random.chance(0.08))
    return `${random.pick(['P.O. Box', 'PO Box', 'P. O. Box'])} ${random.integer(12, 9_999)}`;
  const number = `${random.integer(1, 19_999)}${random.chance(0.03) ? random.pick(['A', 'B', '-C']) : ''}`;
  const direction = random.chance(0.2) ? `${random.pick(['N', 'S.', 'West', 'E', 'NW', 'North'])} ` : '';
  const unit = random.pick([', Apt N', ' Apt. NB', ', Unit N', ' #N', ', Suite N00', ', Floor N']);
  const where = random.chance(0.25) ? unit.replace('N', String(random.integer(1, 9))) : '';
  return `${number} ${direction}${random.pick(STREETS)} ${random.pick(SUFFIXES)}${where}`;
}

export function zip(random: Random): string {
  const five = `${random.integer(10, 994)}`.padStart(3, '0') + random.digits(2);
  return random.chance(0.2) ? `${five}-${random.digits(4)}` : five;
}

const SAINTS = lines(
  `Mary; Brendan; Luke; Joseph; Odilia; Francis; Elizabeth; Jude; Vincent; Anne; Columba; Barnabas`,
);
const GROUNDS = lines(`
  Cedar Ridge; Lakeside; Harbor Point; Riverbend; Three Rivers; Valley View; Sunrise; Blue Mesa; Northgate; Prairie
  Evergreen; Stonebridge; Copper Canyon; Good Shepherd; Mercy; Providence; Sacred Heart; Bright Horizons; Magnolia`);
const KNOWN = lines(`
  Mayo Clinic; Cleveland Clinic; Johns Hopkins; Mass General; UCSF; NYU Langone; Kaiser Permanente; Mount Sinai
  Cedars-Sinai; MD Anderson; Duke University Hospital; Boston Children's; Parkland; VA Palo Alto; Dana-Farber`);
const HOSPITAL_WORDS = lines(`
  Hospital; Medical Center; General Hospital; Regional Medical Center; Community Hospital; Memorial Hospital
  Health System; Children's Hospital; University Hospital; Rehabilitation Hospital; Surgery Center; Hospice`);
const CLINIC_WORDS = lines(`
  Family Medicine; Clinic; Pediatrics; Cardiology Associates; Women's Health; Internal Medicine; Urgent Care; Dental
  Orthopedics; Dermatology Group; Eye Center; Physical Therapy; Imaging; Nursing Home; Assisted Living; Behavioral Health
  Oncology Associates; Dialysis Center; Primary Care; Pain Institute; Health Center; Home Care`);
const COMPANY_WORDS = lines(`
  Logistics, Inc.; Foods LLC; Manufacturing; & Sons; Construction Co.; Insurance Group; Elementary School; High School
  Community College; Credit Union; Trucking; Pharmacy; Middle School; University; Police Department; Church; Motors`);

export function hospital(random: Random): string {
  const way = random.next();
  if (way < 0.12) return random.pick(KNOWN);
  if (way < 0.35) {
    const saint = `${random.pick(['St.', 'St', 'Saint'])} ${random.pick(SAINTS)}`;
    return (
      saint + random.pick([`'s`, `'s ${random.pick(HOSPITAL_WORDS)}`, ` ${random.pick(HOSPITAL_WORDS)}`])
    );
  }
  const head =
    way < 0.65 ? random.pick(GROUNDS) : random.pick([...CITIES.slice(0, 90), 'University of Harrowfield']);
  return `${head} ${random.pick(HOSPITAL_WORDS)}`;
}

export function clinic(random: Random): string {
  const head = random.chance(0.6) ? random.pick(GROUNDS) : random.pick(FAMILY_NAMES);
  return `${head} ${random.pick(CLINIC_WORDS)}`;
}

export function company(random: Random): string {
  const head = random.chance(0.5)
    ? random.pick(GROUNDS)
    : random.pick([...FAMILY_NAMES, ...RARE_FAMILY_NAMES]);
  return `${head} ${random.pick(COMPANY_WORDS)}`;
}
