/**
 * Names for invented people. The first three lists are samples over all ranks of the files of first and last names
 * of the United States Census Bureau (1990, 2010) and of the Social Security Administration (2010), which are in
 * the public domain: ../SOURCES.md says how they were drawn. The others were written for this generator, of many
 * origins and mostly on no such list.
 */
const words = (text: string): readonly string[] => text.trim().split(/\s+/);

const FEMALE = words(`
  Mary Patricia Linda Ida Lindsay Diane Lucinda Heidi Barbara Misty Sarah Dorothy Adelaida Alberta Karen Cathy Pa
  Stephanie Elsa Clara Elida Kimberly Evette Adela Rosalie Cora Laura Jamie Golden Meghan Sixta Susan Angelica Alyssa
  Catherine Lea Angel Olga Sara Elizabeth Rosa Haydee Nancy Stacy Sharon Hailey Aaliyah Nataly Natalie Sophia Autumn
  Kyra Danna Lyric Emma Miranda Payton Olivia Adriana Arianna Cheyenne Isabella Aileen Kaelyn Alma Reese Kiara Taylor
  Ava Annie Tania April Trinity Diana Kaylin Samantha Mia`);

const MALE = words(`
  John James Bradley Michael Kristofer Barry Richard Dominique Luis Kevin Keith Jesse Mitchell Antonio Mike Leon Ruben
  Donald Robert Earnest Lewis Archie Jose Sandy Thomas Linwood David Alec Wm Andre Jordon Frank Darrel Calvin Gary
  William Irving Bennett Eugene Aurelio Joseph Mack Milton Raymond Jeffery Adrian Alfonso Zion Carter Esteban Alexander
  Miguel Aiden Kyler Teagan Gustavo Elijah Micheal Daxton Nathan Aidan Izayah Johnathan Ethan Daniel Davin Colby Jayden
  Jimmy Charles George Ryan Christian Mathew Justin London Samuel`);

const FAMILY = words(`
  Ball Wilson Kafton Dunkelberger Baker Carter Reyes Smith Mcelhenney Tompkins Patrick Norwood Reid Gonzalez Rust
  Neumeier Brown Loder Klein Miller Clark Taylor Rogers Vickery Fleming Zachar Arnold Henry Chaves Cowens Johnson Carey
  Peterson Privett Thomas Emmett Ong Presutti Pyburn Walker Anderson Ortiz Ward Bowman Welch James Martinez Garcia
  Bailey Perez Prahl White Muniz Castile Herman Vasquez Kelley Pruden Jones Hankerson Williams Schlicher Pittman Diaz
  Courtright Kennedy Green Gardner Messing Rose Lopez Thompson Bonin Webb Gray Milius Melillo Colbert Rhoads Steele
  Clague Vann Bigham Bueler Wright Woodhams Elliott Severance Kreck Stewart Bryant Montgomery Hanneken Leonard Bunting
  Moore Farmer Latham Macbride Kirby Trobough Davis Blankenship Onken Cogar Guillen Sloan Cook Rommel Owens Kleman
  Deavers Gazzola Tardy Mcconnell Lewis Sberna Majeski Ramirez Ramos Hicks Chapman Daddona Watson Shortt Conn Stevens
  Hurst Lounsbury Bluth Griffin Hoffman Kingsley Kulik Cadorette Glover Nelson Erickson Walters Jedziniak Gonzales
  Howard Decker Lee Gutierrez Hunt Fitzpatrick Rodriguez Ayala Johnston Beltran Simpson Salazar Torres Baxter Woods
  Hansen Jenkins Correa Ferguson Pena Harris Moyer Khan Ali Sullivan Fitzgerald Herrera Higgins Collier Weaver Mendoza
  Mcclure Powers Chang Phelps Chung Adams Ford Carr Terry Robbins Foster Marquez Phillips Rhodes Carroll Patel Gomez
  Tucker Bartlett Lindsey Humphrey Rice Alvarez Leach Ellis Roberts Cuevas Wang Jimenez Poole Oneill Snyder Bishop`);

const RARE_FEMALE = words(`
  Nkechinyere Oluwabunmi Wambui Thandeka Makena Abeni Zanele Chiamaka Ayaan Hodan Selamawit Tsehay Fanta Aminatou
  Xóchitl Itzel Nayeli Yesenia Maricruz Ximena Soledad Yolotzin Inês Graça Luzia Saoirse Caoimhe Gráinne Eilidh
  Ffion Angharad Małgorzata Bożena Zdeňka Ľudmila Snežana Desislava Oksana Lyudmyla Nurzhan Gulnara Lusine Anahit
  Ketevan Þórdís Sólveig Maarit Päivi Annikki Siiri Marjolein Zoë Anneliese Heidrun Şeyma Gülşen Zehra Parisa
  Golnaz Shahrzad Noor Rukhsana Zubaida Lakshmi Sudeepta Ananya Jyotsna Thilini Dilrukshi Thuỳ Quyên Linh Sopheap
  Kanchana Nattaya Rattanaporn Dewi Siti Mayumi Chihiro Eun-ji Soo-jin Meihua Xiuying Tuya Leilani Kehaulani Aroha
  Sefina Nizhoni Winona Aiyana`);

const RARE_MALE = words(`
  Chukwuemeka Oluwaseun Kwabena Kofi Sipho Thabo Mwangi Otieno Tendai Babatunde Abdoulaye Mamadou Dawit Tesfaye
  Cuauhtémoc Tonatiuh Ulises Heriberto Anselmo Joaquim Gonçalo Cillian Tadhg Oisín Ruaridh Iolo Emrys Włodzimierz
  Zbigniew Jiří Ľubomír Dragoljub Živko Vsevolod Yaroslav Bakhyt Rustam Hovhannes Zurab Þorvaldur Bjørn Eskil Juhani
  Veikko Sjoerd Joost Wolfhard Götz Özgür Tuğrul Farhad Behrouz Siavash Abdulrahman Yusuf Zubair Ghulam Venkatesh
  Raghunath Arjun Harpreet Nuwan Chaminda Đức Phong Sokha Somchai Bambang Agus Haruto Kenshiro Min-jun Seung-ho
  Zhiwei Jianguo Batbayar Tenzin Kaleo Kekoa Tāne Sione Hosteen Takoda`);

const RARE_FAMILY = words(`
  Okonkwo-Bright Adeyemi Nwachukwu Ogunbanjo Mbeki-Dlamini Kamau Wanjiru Achieng Tshabalala Asante-Mensah Diallo
  Gebreselassie Woldemariam Abdi-Warsame Quetzalcoatl Tlatelpa Huerta-Zamudio Iturbide Echeverría Muñoz-Arce Peñaloza
  Figueirôa Conceição Ó'Súilleabháin O'Dubhghaill MacGiollarnáth Llewelyn-Pryce Szczepański Wójcik-Nowak
  Przybylski Dvořáčková Hrušovský Vukašinović Đorđević Kovačić Yevtushenko Zaporozhets Nurmagambetov Hovsepyan
  Kvirikashvili Guðmundsdóttir Sigurjónsson Ødegård Kjærgaard Virtanen-Laakso Hämäläinen Terpstra
  Brüggemann Schäuffele Öztürkmen Yıldırım Karimzadeh Farrokhzad Al-Tamimi El-Khoury Haddad-Naser Qureshi-Malik
  Bhattacharyya Subrahmanyam Venkataraghavan Chattopadhyay Jayawardenepura Wickramasinghe Nguyễn Trần-Lê Phạm
  Chanthavong Srisawat Wongsuwan Kusumawardhani Siregar Yamanashi Kurosawa-Ide Hwangbo Namgung Ouyang Zhuge Shangguan
  Ganbaatar Tsering-Dolma Kealoha Kamakawiwo Fa'alogo Taumoepeau Begaye-Tso Yellowhorse Tsosie Fenwick-Astley
  Thistlewaite Quillfeather Hollowbrook Marchbanks-Orr`);

/** Family names in two words. */
const PARTICLES: readonly string[] = [
  'de la Cruz',
  'van der Heijden',
  'ap Rhys',
  'Te Whare',
  'van den Berg',
  'von Ahlefeld',
  'Del Rosario',
  'Dos Santos',
  'El Amrani',
  'Ben Youssef',
  'St. Clair',
  'Le Goff',
  'Mac Cárthaigh',
  'bin Rashid',
  'Van Nostrand',
];

export type Sex = 'female' | 'male';

export const GIVEN_NAMES: Readonly<Record<Sex, readonly string[]>> = { female: FEMALE, male: MALE };
export const RARE_GIVEN_NAMES: Readonly<Record<Sex, readonly string[]>> = {
  female: RARE_FEMALE,
  male: RARE_MALE,
};
export const FAMILY_NAMES: readonly string[] = FAMILY;
export const RARE_FAMILY_NAMES: readonly string[] = [...RARE_FAMILY, ...PARTICLES];
