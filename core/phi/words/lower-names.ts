/**
 * Names that are found in small letters wherever they stand, since they are no English word: the most usual given
 * names and surnames of the 1990 Census (public domain) that are not in the lists of words, and some of other
 * origins.
 */
export const LOWER_GIVEN: readonly string[] =
  `aaron abdullah abebe abraham adam adebayo adrienne agnes agnieszka ahmed aisha akosua alan albert alberto
  alejandra alejandro alexander alexandra alfonso alfred alfredo alison allan alyssa amanda amara amina amit
  anders andre andrea andrei andres andrew andy angela angelo anil anita anjali anna anne annette annie anthony
  antoinette antonia antonio aoife arjun arlene armando arthur arturo asha ashley astrid audrey ayse barbara
  barry beatriz becky belinda benjamin bennie benny bernadette beth betsy betty beverly bilal billie billy bjorn
  blanche bobbie bobby bonnie brad bradley brandi brandon brenda brett brian bridget bryan camila candace
  candice carl carla carlos carmen carole carolyn carrie catherine cathy cecelia cedric celia cesar chaim
  charlene charles charlotte cheryl chiara chidi chinedu chris christie christina christine christopher christy
  cindy claire clarence claudia clifford colin colleen connie constance corey courtney cristina curtis cynthia
  daniel danielle danny darlene darrell darren darryl daryl dave david deanna debbie deborah debra deepak
  delbert della delores denise dennis derek derrick desiree devin diana diane dianna dianne divya dmitri dominic
  donald donna donnie doreen doris dorothy doug douglas dwayne eddie edith edna eduardo edward edwin eileen
  elaine eleanor elena elizabeth ella ellen eloise emeka emily emma emre enrique eoin eric erica erik erika erma
  ernest ernestine ernesto esperanza estelle esther ethan ethel eugene eula evan evelyn fannie farah fatima faye
  felicia felipe felix fernando florence folake frances francesca francis francisco fred freda freddie frederick
  fredrick gabriel garry gary gayle genevieve geoffrey george gerald gerard gerardo gertrude gilberto gina
  giulia gladys glenda gloria greg gregory gretchen guadalupe guillermo gustavo gwen gwendolyn haile hannah
  harold harry haruki hassan hattie heidi helen henry herbert hiroshi howard hugh huong hussein hyun ifeoma
  ignacio imran ines ingrid irene irina isaac isabella itzel ivan jackie jacob jacqueline jacquelyn jaime jake
  james jamie jana jane janet janice janie janis jared jason javier jean jeanette jeanne jeff jeffery jeffrey
  jennie jennifer jenny jeremy jermaine jerry jesse jessica jesus jill jimmie jimmy jisoo joan joann joanne joao
  joaquin jodi jody joel joey john johnathan johnnie johnny jonathan jonathon jorge jose joseph josephine joshua
  joyce juan juana juanita judith judy julia julie julio julius justin kamau kara kari karim karl karla
  katarzyna katherine kathleen kathryn kathy katie katrina kavya kayla kelli kelvin kendra kenji kenneth kerry
  kevin khadija khalid kimberly kofi krista kristen kristi kristin kristina kristine kristopher kristy krystal
  kurt kwame kyle lakshmi larry lars latoya laura lauren layla leah leila leonard lerato leroy leslie leticia
  liam lillian linda linh lionel lisa logan lois lola lonnie lora loren loretta lori louise luca lucas lucille
  lucy luis lynda lynette lynne mable maggie mamie manuel marc marcia marco marcos margaret margarita marguerite
  maria marian mariana marianne marilyn mario marjorie marlene marsha martha marvin mary maryann mathew matt
  matteo matthew mattie maureen maxine meera megan meghan mehmet melanie melinda melissa melvin michael micheal
  michele michelle miguel mike mildred ming minh minjun miriam mohammad mohammed moishe molly monica monique
  mulu muriel mustafa myron nadia nadine nancy naomi natalia natalie natasha nathan nathaniel neil nellie ngozi
  niamh nicholas nichole nick nicole nina nisha noah noor norma norman oksana olga olivia oluwaseun omar otieno
  padraig pamela paolo patricia patsy patty paula paulette pauline pavel peggy pete peter philip phillip phuong
  phyllis piotr pooja priscilla priya rachael rachel rafael rahul rajesh ralph ramon randall randy rania raquel
  raul ravi raymond rebecca reginald rene renee rhonda ricardo richard rick rickey ricky rita rivka robert
  roberto robyn rocio roderick rodney rodolfo ronald ronnie rosa rosemarie roxanne ruben ruth ryan sabrina sadie
  sakura sally salvatore samantha samir sammy samuel sandra sanjana sanjay santiago sara sarah scott sean sergei
  sergio shane shannon sharon shaun shawn sheila shelia sheri sherri sherry sheryl shirley shlomo siobhan sipho
  sonia sonya soojin sophia soren stacey stanley stephanie stephen steve steven sunita suresh susan susie
  suzanne sven svetlana sylvia takashi tamara tammy tanya tara tariq tatiana teresa teri terrance terrence terri
  tesfaye thabo thanh thelma theodore theresa thiago thomas tiffany timothy tina tomasz tommy tony tonya tracey
  traci tracy trang travis troy tuan tunde tyler valentina valerie vanessa verna veronica vicki vickie vicky
  victor victoria vijay vikram virginia vladimir walter wanda wanjiku wayne wendy wilbert william willie wilma
  wojciech xiao ximena xochitl yael yasmin ying yolanda yuki yusuf yvette yvonne zachary zainab zola`.split(
    /\s+/,
  );

export const LOWER_FAMILY: readonly string[] =
  `acevedo alvarez avila ayala ayers barrera bauer blankenship boggs boucher boyer brennan burks burris cabrera
  calderon camacho campos cantrell cantu cardenas carlson carrillo castaneda castillo cervantes chaney chang
  chavez christensen cline cohen contreras crowe daugherty dejesus delacruz delaney deleon delgado dominguez
  dotson duran erickson espinoza estes estrada fernandez ferrell figueroa flores franco friedman fuentes
  gallegos galvan gomez guerrero gutierrez guzman haley haney hatcher hebert henson herrera hogan horne ibarra
  jarvis jimenez joyner kline knowles lowery lucero macdonald macias maldonado mcbride mccarthy mccarty mcclure
  mcconnell mccoy mccray mccullough mcfadden mcfarland mcgee mcgowan mcguire mcintyre mckay mckee mcknight
  mclaughlin mcmahon mcmillan mcneil meeks mejia melendez melton mendez mendoza mercado meyers montoya mooney
  morales moreno morin moses mosley munoz myers nguyen nielsen nieves ochoa oconnell olsen olson oneal oneil
  ortega ortiz owens pacheco padilla patel petersen pittman pruitt ramirez ramos rangel ratliff reilly reyes
  reyna riggs rivas rivera roberson robles rocha rodgers rodriguez rodriquez rojas roman romero rosado rosales
  russo salas salazar sanchez santana santos schaefer serrano sharpe shepard sheppard simmons skinner solis
  stinson strickland suarez swanson sweeney sykes talley torres trevino trujillo tyson valenzuela vargas vasquez
  vazquez velasquez velazquez velez villarreal whitaker wilkerson wilkins woodard wooten yarbrough`.split(
    /\s+/,
  );

/** Large cities that are no word, no eponym and hardly a name, found in small letters wherever they stand. */
export const LOWER_CITIES: readonly string[] =
  `akron, albuquerque, allentown, amarillo, anaheim, ann arbor, asheville, bakersfield, baltimore, baton rouge, boise,
  bridgeport, brooklyn, brownsville, cedar rapids, chattanooga, chicago, cincinnati, colorado springs, corpus christi,
  des moines, detroit, duluth, el paso, escondido, evansville, fayetteville, fort wayne, fort worth, fresno, gainesville,
  galveston, greensboro, harrisburg, honolulu, houston, huntsville, indianapolis, jacksonville, kalamazoo, kansas city,
  knoxville, laredo, las vegas, los angeles, louisville, lubbock, minneapolis, missoula, naperville, nashville,
  new orleans, oklahoma city, omaha, oxnard, pasadena, pensacola, peoria, pittsburgh, pocatello, poughkeepsie,
  rancho cucamonga, sacramento, salt lake city, san antonio, san bernardino, san diego, san francisco, san jose,
  santa ana, santa fe, santa rosa, sarasota, scottsdale, scranton, seattle, shreveport, sioux city, sioux falls, spokane,
  springfield, st louis, st paul, st petersburg, stockton, syracuse, tacoma, tallahassee, tampa, topeka, tucson, tulsa,
  tuscaloosa, virginia beach, visalia, wichita, worcester, yakima, yonkers, youngstown, juarez, tijuana, toronto,
  vancouver, montreal, guadalajara, mumbai, karachi, manila, lagos, hanoi, saigon`.split(/,\s+/);

/** Places of care and companies that are no word and nobody's usual name, for the same. */
export const LOWER_ORGANIZATIONS: readonly string[] =
  `kaiser permanente, mayo clinic, brookdale, ucsf, ucla, vumc, ohsu, upmc, cedars-sinai, cedars sinai, mount sinai,
  mt sinai, johns hopkins, mass general, brigham and womens, md anderson, sloan kettering, geisinger, intermountain,
  montefiore, bellevue hospital, harborview, parkland, froedtert, emory, vanderbilt, northwell, labcorp, quest diagnostics,
  walgreens, walmart, costco, davita, fresenius, st judes, childrens mercy, valley childrens, texas childrens,
  nationwide childrens, seattle childrens, boston childrens, phoenix childrens, planned parenthood`.split(
    /,\s+/,
  );
