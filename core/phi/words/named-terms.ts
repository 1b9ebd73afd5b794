/**
 * Acts, tests, devices and models that are called after people, as people write them; small letters, parted by commas. From
 * general knowledge.
 */
export const TERMS = `mccarran-ferguson, hatch-waxman, kefauver-harris, gramm-leach-bliley, robinson-patman, taft-hartley,
  davis-bacon, leahy-smith, bayh-dole, sarbanes-oxley, dodd-frank, noerr-pennington, kennedy-kassebaum,
  wellstone-domenici, jebsen-taylor, jebsen taylor, cawthorne-cooksey, warthin-starry, lowenstein-jensen,
  mueller-hinton, watson-schwartz, paul-bunnell, weil-felix, sabin-feldman, simon nitinol, puritan bennett,
  welch allyn, bair hugger, lanham act, clayton act, sherman act, miranda warning, miranda rights,
  miranda warnings, olmstead decision, olmstead ruling, olmstead act, frye standard, frye hearing, petri dish,
  petri dishes, rosa robot, hugo robot, lucas cpr, lucas chest, lucas compression, alexander technique,
  gillick competence, gillick competent, fraser guidelines, fraser competent, fraser competence,
  montgomery ruling, bolam test, yerkes-dodson, bedside schwartz, johns hopkins method, erikson's stage,
  kubler-ross, kübler-ross, rogers' theory, roy adaptation`;
