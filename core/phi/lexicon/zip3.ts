/**
 * The first three digits of ZIP codes whose areas hold 20,000 people or fewer together, which 45 CFR
 * 164.514(b)(2)(i)(B) wants written as `000`. Summed from the 2020 Census populations of ZIP areas; the source is in
 * SOURCES.md.
 *
 * The guidance of HHS names 17 from the Census of 2000. Of those, 063, 790, 830, 831 and 890 have more than 20,000
 * by the ZIP areas of 2020, but the guidance stands, and hiding two digits more costs little: they stay. 202, 204,
 * 205, 369, 753 and 772 are new.
 */
const SMALL = new Set(
  [
    '036 059 063 102 202 203 204 205 369 556 692 753 772 790 821 823 830 831 878 879 884 890 893',
    // In no ZIP area of the Census: nobody lives there, or the prefix is not assigned.
    '000 001 002 003 004 005 008 055 090 091 092 093 094 095 096 097 098 099 192 213 269 311 332 340 343 345 348',
    '353 375 399 419 428 429 459 509 517 518 519 529 533 536 552 555 568 569 578 579 589 621 632 642 643 649 659',
    '663 682 694 695 696 697 698 699 702 709 715 732 733 742 771 817 818 819 839 842 848 849 854 858 861 862 866',
    '867 868 869 872 876 885 886 887 888 889 892 896 899 901 909 929 938 942 962 963 964 965 966 969 987',
  ].flatMap((line) => line.split(' ')),
);

/** Whether the first three digits of a ZIP code may not be kept; anything that is not three digits may not be either. */
export function isSmallZip3(prefix: string): boolean {
  return SMALL.has(prefix) || !THREE_DIGITS.test(prefix);
}

const THREE_DIGITS = /^[0-9]{3}$/;
