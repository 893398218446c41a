"""Whose characters and marks we do not draw. Lists only; how they are looked for is `screening`'s
business.

A name is here if nobody means anything else by it. Names that are ordinary words as well (frozen,
cars, goofy, pluto, wolverine, marvel, baby shark, angry birds, animals crossing) are here only
together with what makes them the mark. Old tales belong to everybody and are not here: Snow White,
Cinderella, Rapunzel, Peter Pan, Alice, Mulan.
"""
from __future__ import annotations

# Lower case, words separated by spaces; hyphens, dots, accents and apostrophes are left out. A
# trailing s is found as well.
NAMES = """
disney · disneyland · disneyworld · pixar · dreamworks · nickelodeon · cartoon network · warner bros · universal studios · mickey mouse
mickey and minnie · minnie mouse · donald duck · daisy duck · goofy and pluto · lightning mcqueen · buzz lightyear · sheriff woody
toy story · finding nemo · nemo and dory · monsters inc · mike wazowski · the incredibles · elsa and anna · anna and elsa · queen elsa
princess elsa · elsa from frozen · frozen elsa · olaf the snowman · olaf from frozen · moana · vaiana · princess jasmine · simba
mufasa · the lion king · timon and pumbaa · pumbaa · lilo and stitch · bambi · winnie the pooh · pooh bear · tigger · eeyore
tinkerbell · maleficent · zootopia · zootropolis · baymax · wreck it ralph · mirabel madrigal · jack skellington
nightmare before christmas · phineas and ferb · gravity falls · muppet · kermit · miss piggy · star wars · darth vader · yoda · grogu
mandalorian · chewbacca · r2 d2 · c 3po · stormtrooper · jedi · lightsaber · luke skywalker · skywalker · wookiee · ewok · star trek
marvel comics · marvel superhero · marvel hero · marvel character · the avengers · marvel avengers · spiderman · iron man
captain america · incredible hulk · the hulk · wakanda · thanos · deadpool · x men · groot · doctor strange · superman · supergirl
batman · batgirl · wonder woman · aquaman · harley quinn · justice league · teen titans · gotham city · dc comics · pokemon · pikachu
charizard · bulbasaur · squirtle · charmander · eevee · snorlax · jigglypuff · mewtwo · gengar · pokeball · super mario · mario kart
mario and luigi · mario bros · mario brothers · princess peach · bowser · donkey kong · legend of zelda · princess zelda · nintendo
animal crossing new horizons · splatoon · sonic the hedgehog · minecraft · enderman · roblox · fortnite · five nights at freddys
freddy fazbear · pacman · angry birds game · candy crush · poppy playtime · huggy wuggy · skibidi · brawl stars · tamagotchi
playstation · xbox · undertale · cuphead · plants vs zombies · overwatch · world of warcraft · warhammer · dungeons and dragons
magic the gathering · yu gi oh · digimon · beyblade · bluey · bluey and bingo · peppa pig · peppa · paw patrol · cocomelon · blippi
pinkfong · teletubby · teletubbies · sesame street · elmo · cookie monster · oscar the grouch · dora the explorer · spongebob
squarepants · patrick star · squidward · rugrats · pj masks · octonaut · hey duggee · thomas the tank engine · thomas and friends
bob the builder · fireman sam · postman pat · shaun the sheep · wallace and gromit · paddington bear · peter rabbit · gruffalo
the very hungry caterpillar · dr seuss · the cat in the hat · grinch · lorax · curious george · clifford the big red dog · garfield
snoopy · charlie brown · scooby doo · scooby · tom and jerry · looney tunes · bugs bunny · daffy duck · tweety · wile e coyote
pink panther · smurf · smurfette · moomin · moomintroll · tintin · asterix · obelix · popeye · betty boop · flintstone · the jetsons
the simpsons · bart simpson · homer simpson · rick and morty · family guy · powerpuff girl · ben 10 · steven universe · my little pony
rainbow dash · princess twilight sparkle · fluttershy · pinkie pie · care bear · shrek · kung fu panda · how to train your dragon
night fury · despicable me · yellow minion · minions movie · gru and the minions · ladybug and cat noir · miraculous ladybug
masha and the bear · hello kitty · sanrio · kuromi · cinnamoroll · pompompurin · gudetama · rilakkuma · ghibli · totoro
howls moving castle · kikis delivery service · doraemon · dragon ball · goku · naruto · luffy · sailor moon · astro boy · anpanman
miffy · labubu · pop mart · squishmallow · beanie baby · beanie babies · furby · lol surprise · bratz · monster high doll · barbie
hot wheels · lego · playmobil · optimus prime · autobot · decepticon · megatron · power rangers · ninja turtle · tmnt · gi joe
mr potato head · rubiks cube · play doh · jurassic park · jurassic world · godzilla · king kong · ghostbuster · harry potter · hogwarts
hermione · dumbledore · voldemort · hagrid · gryffindor · slytherin · hufflepuff · ravenclaw · quidditch · lord of the rings · gandalf
frodo · gollum · hobbit · game of thrones · wednesday addams · addams family · squid game · percy jackson · narnia · captain underpants
diary of a wimpy kid · coca cola · pepsi · ronald mcdonald · mcdonalds logo · mcdonalds restaurant · mcdonalds happy meal · burger king
starbucks · adidas · gucci · louis vuitton · coco chanel · ferrari · lamborghini · porsche · mercedes benz · harley davidson
ford mustang · jeep wrangler · john deere · nutella · oreo · haribo · kinder surprise · kfc · ikea · manchester united · real madrid
fc barcelona · fifa · olympic rings · super bowl · iphone · tiktok · youtube · netflix · spotify · facebook · instagram
"""

# Ordinary words and pairs of words that are near a name, or are one when run together; with a
# plural s as well.
ORDINARY = """
undertake · platoon · deception · megaton · overmatch · elderman · hairy potter · superb owl · my little pond
super girl · bat girl · cup head · war hammer · over watch · under tale · flint stone · raven claw · rug rat · play station · ghost buster
sky walker · face book · square pant · dead pool · pop eye
"""
