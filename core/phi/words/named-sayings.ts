/**
 * Figures of speech, of stories and of history, antigens and services of hospitals, programs of their computers: written as
 * names are, and nobody who is cared for. Small letters, parted by commas. From general knowledge.
 */
export const SAYINGS = `hail mary, hail marys, charley horse, charley horses, russian roulette, trojan horse, pandora's box,
  gordian knot, rube goldberg, john hancock, joe schmo, debbie downer, negative nancy, nervous nellie, peeping tom,
  plain jane, jack frost, mother nature, father time, mother teresa, uncle sam, big brother, doubting thomas,
  benedict arnold, joe camel, ronald mcdonald, ken doll, rip van winkle, dorian gray, peter pan, humpty dumpty,
  jack and jill, hansel and gretel, hulk hogan, evel knievel, lazy susan, jack russell, king charles spaniel,
  german shepherd, great dane, saint bernard, maine coon, dixie cup, prince albert piercing, king vision, queen square,
  maltese cross, greek key, saturday night palsy, jack-o-lantern, jekyll & hyde, robin hood, simon says, simple simon,
  murphy bed, barbie doll, elmer's glue, sally rand, typhoid mary, florence nightingale pledge, nightingale pledge,
  patient zero, phineas gage, little albert, anna o, genie wiley, kitty genovese, alice in wonderland syndrome,
  west nile, st louis encephalitis, saint louis encephalitis, la crosse encephalitis, la crosse virus, ross river,
  rift valley fever, murray valley, sin nombre, constant spring, hb constant spring, cash me out, jane's addiction,
  herth hope, adult hope, snyder hope, miller hope, thurston holland, rutherford morison, joel-cohen, lloyd-davies,
  lloyd davies, clavien-dindo, dubin-johnson, wong-baker, wong baker, baker-gordon, bangerter-jaeger, bruns-garland,
  ella kiss, bill to, ship to, van herick, jerusalem cherry, jerusalem artichoke, queen anne's lace, black-eyed susan, sweet william,
  johnny jump-up, virginia creeper, south beach diet, hong kong flu, queen anne, fast-ed, chapel hill consensus, chapel hill 2012, eden alternative, sepsis alliance, choosing wisely, v-loc, endo gia, endo catch, med surg, med-surg, mother-baby, mother baby, labor & delivery,
  labor and delivery, nurse manager, unit clerk, house sup, float pool, monitor tech, bed board, epic hyperspace,
  epic haiku, epic canto, epic rover, epic willow, epic beaker, epic beacon, epic stork, epic cupid, epic radiant,
  epic cadence, epic prelude, epic tapestry, epic optime, epic bugsy, epic cogito, epic caboodle, epic clarity,
  epic chronicles, epic bridges, epic care everywhere, care everywhere, cerner millennium, meditech expanse,
  meditech magic, oracle health, dragon dax, smith & nephew journey, arctic sun, bair hugger, sara stedy, hoyer lift,
  hill rom, stryker triathlon, zimmer persona, mason-likar, lewis lead, lewis leads, fontaine lead, nehb leads, frank leads`;

/** Who is told of in lectures, and is no patient: names that nobody else is likely to have. */
export const HISTORY = `virginia apgar, elizabeth blackwell, rosalind franklin, watson and crick, henrietta lacks, marie curie,
  louis pasteur, joseph lister, edward jenner, alexander fleming, jonas salk, albert sabin, clara barton, mary seacole,
  william osler, william harvey, robert koch, gregor mendel, charles darwin, sigmund freud, carl jung, abraham maslow,
  jean piaget, erik erikson, ivan pavlov, elisabeth kubler-ross, atul gawande, anthony fauci, christiaan barnard,
  michael debakey, denton cooley, helen taussig, vivien thomas, alfred blalock, thomas starzl, ignaz semmelweis,
  rene laennec, dorothea dix, lillian wald, margaret sanger, hildegard peplau, dorothea orem, callista roy,
  madeleine leininger, betty neuman, faye abdellah, rudolf virchow, paul ehrlich, frederick banting, selman waksman,
  wilhelm rontgen, godfrey hounsfield, linus pauling, barbara mcclintock, jean-martin charcot, alois alzheimer,
  harvey cushing, walter dandy, wilder penfield, egas moniz, philippe pinel, emil kraepelin, eugen bleuler,
  frankfort plane, denis browne, b-lynch, le fort, lefort, maddox rod, amber teething, himalayan salt`;

/** What birth control pills in three phases, weak ones and old ones begin with. */
export const PILL_PREFIX = /^(?:tri|mono|ortho|lo|zenchent|estro|nor|my|next)$/;
