import { MEDICAL } from '../lexicon/flags.ts';
import type { Claims } from './claim.ts';
import { HISTORY, PILL_PREFIX, SAYINGS } from './named-sayings.ts';
import { TERMS } from './named-terms.ts';
import type { Word } from './run.ts';

/**
 * Things, laws, brands, drinks, figures of speech and programs that are called after people and places, as people
 * write them; small letters, parted by commas. From general knowledge. None of them names anybody who is cared for.
 */
const THINGS = `taylor swift, baby shark, lady macbeth, macbeth, hamlet, romeo and juliet, shakespeare, grey's anatomy, patch adams,
  nurse jackie, sherlock holmes, star wars, star trek, florence nightingale, lister strap, azure key, azure ad, baker act, marchman act, ryan white, katie beckett, hill-burton, hill burton, stark law, hyde amendment,
  good samaritan law, good samaritan laws, amber alert, silver alert, code adam, code pink, megan's law,
  kendra's law, laura's law, casey's law, marcy's law, janet's law, leandra's law, jessica's law, joan's law,
  caylee's law, kevin's law, brian's law, erin's law, nicky's law, ryan haight, ryan haight act, sherman act,
  jones act, stafford act, lanterman-petris-short, earl grey, arnold palmer, shirley temple, jack daniel's,
  jack daniels, jim beam, bloody mary, jose cuervo, miller lite, bud light, granny smith, red delicious,
  ben & jerry's, ben and jerry's, dr pepper, graham cracker, graham crackers, caesar salad, eggs benedict,
  beef wellington, lorna doone, little debbie, aunt jemima, uncle ben's, betty crocker, duncan hines, oscar mayer,
  ben's original, amy's kitchen, newman's own, trader joe's brand, famous amos, mrs fields, johnson's baby,
  johnson & johnson, johnson and johnson, fisher-price, fisher price, burt's bees, dr bronner's, dr scholl's,
  smith & nephew, smith and nephew, becton dickinson, baxter healthcare, edwards lifesciences, eli lilly,
  boston scientific, abbott laboratories, philips healthcare, ge healthcare, siemens healthineers, zimmer biomet,
  intuitive surgical, fresenius kabi, wolters kluwer, thermo fisher, fisher scientific, fisher & paykel,
  fisher and paykel, hill-rom, karl storz, carl zeiss, roche diagnostics, bio-rad, cardinal health, owens & minor,
  henry schein, procter & gamble, church & dwight, novo nordisk, bristol myers squibb, bristol-myers squibb,
  merck sharp, boehringer ingelheim, teva pharmaceuticals, sun pharma, dragon medical, change healthcare,
  health catalyst, press ganey, hugging face, weights & biases, red hat, visual studio, power bi, google cloud,
  amazon web services, apple health, apple watch, samsung health, maria db, apache spark, apache kafka,
  ruby on rails, spring boot, charlie horse, swiss army, johnny gown, adam's apple, achilles heel,
  montezuma's revenge, hobson's choice, murphy's law, occam's razor, hickam's dictum, sutton's law,
  parkinson's law, moore's law, conway's law, goodhart's law, brooks's law, hawthorne effect, dunning-kruger,
  peter principle, stockholm syndrome, munchausen by proxy, alice in wonderland, sleeping beauty, jekyll and hyde,
  mount everest, mount kilimanjaro, machu picchu, pikes peak,   sierra leone, sri lanka, saudi arabia, costa rica, puerto rico, el salvador, san marino,
  trinidad and tobago, new york heart, new england journal, kansas city cardiomyopathy, los angeles grade,
  los angeles classification, san francisco syncope, new orleans criteria, canadian ct head, ottawa ankle,
  pittsburgh knee, newcastle-ottawa, harris hip, oxford knee, oxford hip, constant murley, constant-murley,
  mayo elbow, michigan hand, boston carpal, boston naming, boston bowel, boston brace, milwaukee brace,
  charleston brace, denver ii, minnesota living, seattle angina, tampa scale, baltimore criteria,
  memphis protocol, oslo criteria, atlanta classification, revised atlanta, tokyo guidelines, sydney system,
  milan criteria, toronto score, berlin definition, berlin questionnaire, helsinki declaration, geneva score,
  revised geneva, wells score, paris classification, paris system, prague classification, prague criteria,
  lille score, lille model, montreal cognitive, saint louis university mental, st louis university mental,
  st anthony's fire, st vitus, st vitus dance, st john's wort, saint john's wort, st elmo's fire, st bernard,
  christmas tree, christmas disease, christmas factor, easter egg, easter bunny, halloween candy,
  black friday deals, boxing day test, da vinci, da vinci xi, mona lisa touch, hugo ras, lucas device,
  thomas splint, jackson-pratt, jackson pratt, blake drain, bulky jones, penrose drain, mayo stand, mayo scissors,
  sims position, kelly clamp, allen wrench, phillips screw, phillips head, chuck norris, tommy john,
  tommy john surgery, lou gehrig's, lou gehrig's disease, lou gehrig, heimlich maneuver, lamaze class,
  bradley method, kegel exercises, williams flexion, mckenzie exercises, alexander technique, jenny craig,
  south beach diet, mediterranean diet, atkins diet, ornish diet, weight watchers, jane fonda, billy blanks,
  peppa pig, thomas the tank, mickey mouse, minnie mouse, donald duck, dora the explorer, bob the builder,
  daniel tiger, paw patrol, harry potter, winnie the pooh, santa claus, dr seuss, mr yuk, mr clean, mr rogers,
  mr potato head, dr google, dr oz, jim crow, rosie the riveter, jolly rancher, jolly ranchers, mike and ike,
  baby ruth, wendy's frosty, trader joes, ralph lauren, calvin klein, tommy hilfiger, harley davidson,
  harley-davidson, rolls royce, mercedes benz, mercedes-benz, alfa romeo, john deere tractor, briggs & stratton,
  black & decker, stanley cup, stanley cups, hydro flask, louis vuitton, estee lauder, max factor, tay-sachs,
  stevens-johnson, stevens johnson, vogt-koyanagi-harada, von hippel-lindau, von willebrand, von recklinghausen,
  von gierke, de quervain, de morgan, de musset, di guglielmo, van der woude, van buchem, van bogaert,
  van der waals, van gogh, della robbia, saint vitus, howell-jolly, hamman-rich, homer wright,
  flexner-wintersteiner, call-exner, schiller-duval, brown-sequard, brown-vialetto, kimmelstiel-wilson,
  ivor lewis, roux-en-y, ghon complex, grey turner, grey turner's, gray turner, ramsay hunt, marcus gunn,
  argyll robertson, charles bonnet, austin flint, graham steell, carey coombs, foster kennedy, gordon holmes,
  holmes-adie, miller fisher, lambert-eaton, louis-bar, rendu-osler, hallermann-streiff, cornelia de lange,
  treacher collins, pierre robin, prader-willi, russell-silver, smith-lemli-opitz, smith-magenis,
  rubinstein-taybi, cri du chat, emery-dreifuss, roland-morris, ages and stages, vineland adaptive, bayley scales,
  stanford-binet, woodcock-johnson, peabody picture, gray oral, goldman-fristoe, mullen scales,
  hawaii early learning, belmont report, nuremberg code, declaration of helsinki, declaration of geneva,
  tuskegee study, willowbrook study, hippocratic oath, florence nightingale, henrietta lacks, hela cells,
  swiss cheese model, lewin's change, maslow's, bloom's taxonomy, erikson's stages, piaget's stages,
  bayes' theorem, monte carlo, latin square, benjamini-hochberg, newman-keuls, fisher's exact, fisher exact,
  cohen's kappa, cohen's d, cronbach's alpha, krippendorff's alpha, kendall's tau, kendall's w, kendall tau,
  spearman rank, pearson correlation, pearson's r, pearson chi, cochran's q, cochran-mantel-haenszel,
  cochran-armitage, hosmer-lemeshow, jonckheere-terpstra, anderson-darling, shapiro-wilk, kaplan-meier,
  cox regression, fine-gray, schoenfeld, harrell's c, youden's j, brier score, bland-altman, dunn's test,
  welch's t, long covid, spanish flu, hong kong flu, tennis elbow, jersey finger, mallet finger,
  texas health steps, medi-cal, hardy-weinberg, hardy weinberg, bjork-shiley, hawkins-kennedy, hawkins kennedy, fitz-hugh,
  fitz-hugh-curtis, freeman-sheldon, mowat-wilson, jod-basedow, bence jones, riley-day, sister mary joseph,
  sister mary joseph's, sister joseph, martin-hopkins, vaughan williams, vaughan-williams, du bois bsa, du bois formula,
  dubois bsa, dubois formula, harris-benedict, harris benedict, mifflin-st jeor, mifflin st jeor, sheiner-tozer,
  sheiner tozer, winter-tozer, winter tozer, salazar-corcoran, ireton-jones, penn state equation, yale-brown,
  simpson-angus, simpson angus, crigler-najjar, crigler najjar, starr-edwards, carpentier-edwards, hancock ii,
  medtronic hall, carbomedics, blalock-taussig, blalock taussig, blalock-thomas-taussig, kirby-bauer, ziehl-neelsen,
  wright-giemsa, kleihauer-betke, donath-landsteiner, sims-huhner, schirmer's, snellen, rosenbaum, ishihara,
  goldmann, jaeger, amsler, allen-doisy, henderson-hasselbalch, michaelis-menten, lineweaver-burk, cockcroft-gault,
  holliday-segar, henry-gauer, siggaard-andersen, bohr-haldane, chapman-kolmogorov, kruskal-wallis, mann-whitney,
  wilcoxon rank, hodges-lehmann, clopper-pearson, mantel-haenszel, wald test, holm-bonferroni, durbin-watson,
  student's t, kolmogorov-smirnov, st jude mechanical, st jude valve, st jude medical, st jude prosthesis, st jude mitral,
  st jude aortic, st jude bileaflet, st jude pacemaker, st jude icd, st jude device, st jude lead, st jude leads,
  duke activity, duke treadmill, duke criteria, modified duke, stanford type, stanford a, stanford b, cornell voltage,
  cornell scale, mayo score, mayo endoscopic, partial mayo, full mayo, mayo criteria, mayo classification, boston naming,
  parkland formula, parkland calculation, parkland fluid, parkland fluids, parkland resuscitation, calculate parkland,
  use parkland, using parkland, apply parkland, modified parkland, brooke formula, modified brooke, rule of nines,
  angel dust, angel's trumpet, angel trumpet, patrick test, patrick faber, mary jane, sky blue, molly pill,
  barnes akathisia, young mania, young's rule, young's formula, clark's rule, fried's rule, hope scale, mercy tape,
  beck depression, beck anxiety, beck hopelessness, wood units, wood's lamp, woods lamp, light's criteria,
  lights criteria, jones criteria, ross procedure, glenn shunt, glenn procedure, norwood procedure, sano shunt,
  potts shunt, waterston shunt, senning, mustard procedure, jatene, damus-kaye-stansel, kasai, ladd's, ladd procedure, nora-be,
  whipple's, puestow, frey procedure, beger, billroth, heller myotomy, nissen, toupet, dor fundoplication, belsey,
  collis, hartmann's, miles procedure, lichtenstein, shouldice, bassini, mcvay, stoppa, rives-stoppa, hill repair,
  jones fracture, jones tube, smith fracture, smith's fracture, smith-petersen, moore prosthesis, austin moore, thompson test,
  thompson prosthesis, girdlestone, chiari osteotomy, salter osteotomy, pemberton osteotomy, dega, putti-platt,
  bristow, latarjet, bankart, hill-sachs, reverse hill-sachs, weaver-dunn, watson-jones, evans procedure,
  chrisman-snook, akin osteotomy, austin bunionectomy, lapidus, keller bunionectomy, mcbride, old lyme,
   north carolina, south carolina, north dakota, south dakota, west virginia`;

const BY_FIRST = buildByFirst();

/** Sets the words of such things aside. Goes on into the small words behind the run. */
export function excludeNamedThings(claims: Claims): void {
  const { words } = claims.run;
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as Word;
    if (word.link) continue;
    // "Tri-Lo-Marzia", "Mono-Linyah": pills.
    if (PILL_PREFIX.test(word.text) && isPill(words, i)) claims.exclude(i, hyphenedEnd(words, i + 1));
    const phrases = BY_FIRST.get(word.text);
    if (phrases === undefined) continue;
    let longest = 0;
    for (const phrase of phrases) {
      if (phrase.length > longest && fits(claims, i, phrase)) longest = phrase.length;
    }
    if (longest > 0) claims.exclude(i, Math.min(words.length, i + longest));
  }
}

/** Whether a word that no other list has follows with a hyphen, and nothing that goes on: no "Tri-County Health". */
function isPill(words: readonly Word[], index: number): boolean {
  const last = words[hyphenedEnd(words, index + 1) - 1] as Word;
  const next = words[hyphenedEnd(words, index + 1)];
  if (words[index + 1]?.gap !== 'hyphen' || words[index]?.gap === 'hyphen') return false;
  const several = words[index + 2]?.gap === 'hyphen';
  return (
    (several || (last.flags & ~MEDICAL) === 0) && (next === undefined || next.gap !== 'space' || next.link)
  );
}

/** Behind the last word that a hyphen joins to the one before `from`. */
function hyphenedEnd(words: readonly Word[], from: number): number {
  let to = from;
  while (words[to]?.gap === 'hyphen') to += 1;
  return to;
}

function fits(claims: Claims, from: number, phrase: readonly string[]): boolean {
  const { words, right } = claims.run;
  return phrase.every((part, i) => {
    const word = words[from + i];
    if (word === undefined) return right[from + i - words.length] === part;
    if (
      i > 0 &&
      (word.gap === 'comma' || (word.gap === 'stop' && (words[from + i - 1] as Word).text.length > 3))
    )
      return false;
    return (word.possessive ? `${word.text}'s` : word.text) === part;
  });
}

function buildByFirst(): ReadonlyMap<string, readonly (readonly string[])[]> {
  const map = new Map<string, string[][]>();
  for (const thing of `${THINGS}, ${TERMS}, ${SAYINGS}, ${HISTORY}`.split(/,\s*/)) {
    const parts = thing.replace(' & ', ' ').split(/[ -]/);
    const first = (parts[0] ?? '').replace(/'s$/, '');
    const list = map.get(first) ?? [];
    list.push(parts);
    map.set(first, list);
  }
  return map;
}
