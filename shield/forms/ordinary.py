"""Names of people, streets and towns that are words of every day, in the languages of Western Europe and Polish.

In a sentence they say nothing about anybody: *will the price be high in reading*. The list holds what is both: common
given and family names and towns that stand in a small dictionary of their own language. What is a name alone (Smith,
Müller, Martin, Berlin) is not in it.
"""

from __future__ import annotations

import re
from typing import Final

_ENGLISH: Final = (
    "abbey able acres adder alder amber angel apple april archer art ash aspen august autumn bacon bailey baker "
    "ball banks bar barber barn baron bass bath bay beach bean bear bee bell bench berry best big bill bird "
    "bishop black blade blank blue bold bolt bond bone book boot booth bow bowl box boy branch brand brave brewer "
    "brick bridge bright brook brother brown buck bud bull burn bush butcher butler butter camp candy cane cape "
    "car card carpenter carver case cash castle cat chance chase chip church city clay clean clear clerk cliff "
    "close cloud coast coat coin cold common cook cool cooper copper corn cotton court cow cox craft cream creek "
    "crisp cross crow crown crystal cup curry daisy dale dance dart dawn day deal dean dear deer diamond dig doll "
    "dove down draper dry duck duke dusty eagle earl early east eden ember english ever fair faith falls farmer "
    "fast fawn fern ferry field finch fine finger fire fish fisher flash flint flood flora flower ford forest "
    "forge fort fortune fox frank freed freeman fresh friend frost gale game garden garland gate gay gem gentle "
    "ginger glass glen glover gold good grace grand grange grant grass grave gray great green grey grove guard "
    "guide gum guy hall ham hand hardy hare harp hart harvest hat haven hawk hay hazel head heart heather heaven "
    "hedge high hill hobby hog holiday holly home hood hook hope horn horse hot house humble hunt hunter ice iris "
    "iron island ivory ivy jack jade jay jewel jolly joy judge july june just keen key kid kind king kitchen kite "
    "knight knot lace lady lake lamb land lane large lark last lavender law lead leaf lemon lens lever light lily "
    "lime line link little loch lock long lord love low luck lucky mace mae main major male man manor maple march "
    "marina mark marsh marshal mason master mate may mayor meadow melody mercer mercy merry mews mile mill mills "
    "mobile monk moon moor moral more morning moss mount mountain muse myrtle nail neat new nice night noble noon "
    "nor north novel nurse oak oaks oat ocean oil old olive opal orange orchard own page paige painter palm paris "
    "park parks part pat patience pay peace peach peak pearl penny pepper perfect person pet petal piece pike "
    "pilot pine pink place plain plane plant plate plum point pole pond pool poor pope poppy port porter post "
    "potter pound power pretty price pride prince prior prudence purple queen quick quiet quill rain ranger raven "
    "ray reading red reed rest rice rich ridge ring rise river rivers road rob robin rock rod rolling rose "
    "rosemary rough round royal ruby rule rush rusty sadler sage sailor salmon salt sand sandwich sandy savage "
    "saw school sea seal season self sergeant shade shape sharp sheep shell shepherd sheriff ship shore short "
    "show sierra silver simple singer skinner skipper sky slate sleep small smart smoke snow song south spark "
    "sparks sparrow speed split spring square stack stamp star steel steer stern stone storm story strange street "
    "strong sue summer summers sun sunny swan sweet swift sword tailor temple thorn tiger tile timber toll tour "
    "tower town track trade trail tree true trust turn union vale valley van victor victory view vine violet walk "
    "walker wall wants ward warden warm warren waters wave way weaver web weeks welcome well wells west wharf "
    "wheat wheel whistler white whiting wild will willow wills win wind window wine wing winter winters wise wish "
    "wit wolf wonder wood woods wool word work world worth wren wright yard young youth"
)  # fmt: skip
_GERMAN: Final = (
    "ach adler ahorn alt alter amsel anger apfel arm arzt aue auer bach baer bahn bart bauer baum becher becker "
    "beil berg bergen berger besen beste birke birne bischof bitter blatt blau blei blume bock boden bohne bott "
    "brand brandt braun brot bruch bruder brunnen brücke buch buche bunt burg busch butter bäcker bär bäume böse "
    "damm dank degen deutsch dick dorn draht dürr ebene ecke edel ehe ehre eiche eichhorn eigen einhorn eis eisen "
    "elster ende engel ente erde ernst esche esel essen fahr falke fass faust feder fein feld fels feste feuer "
    "fiedler fink fisch fischer flach flamme fleiß frank frei freitag freund frey friede frisch froh fromm frost "
    "früh fuchs fuhr funke fuß fürst gabel gans garten gast geier geiger geist gelb gerber gern gerste glas "
    "glaser glück gold gott graf grau greif grimm gross grosse groß große grund grün gut gärtner güte haas hafer "
    "hagel hahn halle hals hammer handel hase haupt haus heide heil heim heiß held hell herbst herd herr herz "
    "herzog heu hier hilde himmel hirsch hirt hoch hof hoffnung holz honig horn hund hut höfer igel jahr jung "
    "junge jäger kahl kaiser kalt kamm kammer kanne kappe kater kaufmann keil keller kern kerze kessel kind "
    "kirche kirsch klar klee klein kleine klinge klug knapp knecht knopf koch kohl kopf korb korn kost kraft "
    "krause krebs kreis kreuz krieger krone krug krumm kuchen kugel kuh kunde kunst kurz köhler lade lahm lamm "
    "land lang lange laub lauf laut leben leer lehrer leicht licht lieb liebe lied lilie linde link loch lohn "
    "luft lust löwe mai mann mark markt mast mauer maus max mehl mein meise meister metzger mild mohn mohr mond "
    "montag moos morgen motte mund mut müde mühle münster nacht nagel narr natur nebel nest neu nord nuss ober "
    "ochs ofen ost otter pech pfeffer pfeifer pflug pilz platz post prinz probst quelle rabe rad rand rank rasch "
    "rat rauch raum rebe recht regen reh reich reif rein reise reiter rest rettich richter riese ring ritter rock "
    "roggen rose rost rot roth rund rübe sach sand sauer schade scharf schatz schein schenk scherer schick schiff "
    "schild schlegel schloss schlosser schmal schmied schnee schneider schopf schrank schreiber schreiner schuh "
    "schuster schwalbe schwan schwarz schäfer schön schütz see seide selig sell sieg silber singer sommer sonne "
    "sonntag speck speer spiegel spitz sprung stahl stamm stark stein stern still stock stolz storch strauß "
    "streit stumm sturm süß tag taube teich teller teufel thal tief tisch topf tor traum treu trocken träger ulm "
    "unruh vogel voll wache wagen wahl wald wand warm wasser weber weck weg wehr weide wein weise weiss weisse "
    "weiß welt wende werk west wetter wiese wild wind winter wirt wolf wolle wonne wunder wurm würfel zahn zange "
    "zart zeit zettel ziegler ziel zimmer zink zorn zucker zwei zwick öl"
)  # fmt: skip
_FRENCH: Final = (
    "agneau aimé aimée ami ange angle arbre arc argent avoine avril barbe baron bas basse beauté bel belle berger "
    "bergère bien blanc blanche bleu blé boeuf bois bon bonne bonnet bonté bouche boucher boulanger bourg bras "
    "brave brebis brun buisson bête cerf chaise chamois champ champs chance chanteur charme charron chat chaud "
    "chef chemin cheval chevalier château chèvre chêne clair claire clef cloche clé coeur colombe comte coq "
    "corbeau couleur cour courage court croix cuisinier côte dame deux diamant dieu dimanche doré douce doux drap "
    "droit dure désiré enfant espoir est faucon fer ferme feuille fils fleur fontaine forestier forge fort "
    "fortune forêt foulon four franc franche froid gage garde garnier garçon gentil grand grange gras gris gros "
    "guerre guide hardy haut herbe hiver homme huit héron ile ivoire jardin jaune jeune joie joli jolie jour "
    "jours joyeux juge juillet juin lac large laurier lens lent lieu lilas lion lis lièvre loge loi long loup "
    "lumière lundi lune léger magasin mai maire maison mal manche marbre marchand mari marin marine mars matin "
    "maçon maître mer mercier merle messager meunier midi miel mineur moine moineau mont montagne moulin mouton "
    "mur naturel neige neuf nice noble noir noire nord nourrisson noël nuit océan olivier ombre or orange orme "
    "ours page paix palais palme papillon parfait paris pas pascal pasteur patience payen perle petit petite "
    "peuple pied pierre pigeon pin place plume poirier poisson pomme pommier pont port porte portier poulain "
    "prairie prieur prince printemps prudence prêtre puits pêcheur quartier raisin reine renard riche rivière "
    "roche rocher roi rond rose rossignol rouge roux royal rue ruisseau sable sage saint salle samedi sapin "
    "sauvage savoie seigneur sel serre seul simple siècle soir soldat soleil sort source sud tard temps tendre "
    "terre tilleul tisserand toile tonnelier tour tours travers trois trouvé vache vaillant val vallée vent "
    "ventre verdier verger vert verte vie vigne vigneron ville vin violette voisin vrai écho église émeraude "
    "étoile été évêque île"
)  # fmt: skip
_SPANISH: Final = (
    "abril agua alba alcalde alegre alegría alma alto amado amador arena arroyo aurora ayer azul bajo barba barca "
    "barco bella bello blanca blanco bosque bravo buena bueno caballero cabello cabeza cabo calle calvo camino "
    "campo campos cano caridad carretero casa casas castaño castillo cerro chico cielo clara claro concepción "
    "conde consuelo corazón cordero corona costa crespo cruz cuenca cuesta cuevas del delgado dolores duque "
    "encarnación encina esperanza estrella fe felicidad feliz fiel flor flores fuente fuentes fuerte gallego "
    "gallo gato gracia granada grande guapo guerra guerrero herrero hidalgo hierro hijo hoyos huertas iglesia "
    "iglesias izquierdo jardín justo lago lagos león libertad linda lindo llano lobo loma luna luz madera mar "
    "marina mariscal mayo mendigo mercado merced mercedes mil milagros molinero montaña monte montero mora moral "
    "moreno mota muro nieto nieve nieves noche norte nuevo oliva olivares olivo oro oso palacios palma paloma "
    "palomo pardo pastor paz perla peña pilar pino pinto plata plaza polo pozo prado primo prudencia puente "
    "puerta ramos real redondo remedios rey reyes ribera rico rincón robles rojas rojo rosa rosal rosario rubio "
    "ruda río ríos sal salado salud salvador santo segura serrano sierra sol soledad solo soto suerte tierra toro "
    "torre torres trigo trinidad triste vaca valle vega ventura vera verde vida viejo viento villa virtudes vivo "
    "viña zapatero zorro águila álamo ángel ángeles árbol"
)  # fmt: skip
_ITALIAN: Final = (
    "agnello alba allegra allegri amato amore angelo aprile argento asti aurora barba bari basso battaglia beato "
    "bella bello bene bianca bianchi bianco bosco bravo buono cane capra carbone cardinale caro carta casa "
    "castello cavallo celeste cervo chiara chiaro chiesa conte conti corona corso costa crema croce dolce donna "
    "farina fede felice ferro festa fico fiore fiorentino fiori fonte forte fortuna fuoco gallo gatti gatto gelso "
    "gemma genova gentile giardini gioia giorno giusto gloria grande grassi grasso grazia grigio guerra lago lana "
    "leone libero lieto luce luna lupi lupo maggio magno mancini mare marina marino massa mela melone messina "
    "mille molino monte monti moro muratore natale neri nero neve nobile notte olmo onda ora oro orso pace pagano "
    "palazzo palma pane parma passero pastore pecora perla pesce piano piazza pino poeta polo ponte porta porto "
    "potere prato prete principe quarto ragazzo re ricco riso riva roma romana romano rosa rossa rossi rosso "
    "sabbia sala sale salvatore santa santi santo sarti sarto scala secondo selvaggio sera serena sereno serra "
    "sole sonno sorella speranza spina stella strada tasso terra testa toro torre tosto tre uva valle vento vera "
    "verde verdi vero viola virtù vita vite vittoria viva volpe zappa"
)  # fmt: skip
_DUTCH: Final = (
    "akker appel arend bakker beek been berg bij blauw bloem blok boek boer bol boom bos brand brood brouwer brug "
    "bruin buur daal dag dam dijk dik dokter doorn droog duif duin eik ende engel fijn geel goed goud graaf groen "
    "groot haak haan haas hamer hart haven heer hemel heuvel hoek hof hond hoorn houten huis jager jong kaas kamp "
    "kat keizer kerk kind klein klok kok koning koper kort korte kraan kroon kruis kus laan lam land lang lange "
    "leeuw licht lief linde los maan man markt meer meester mol molen molenaar mooi moor mus nacht nieuw noord "
    "oost oud oude paard park post prins regen ridder rijk ring rood roos ruiter schaap schilder schipper school "
    "slager smal snel snoek spek staal star steen ster sterk stil straat strand tak timmer toren tuin tuinman "
    "vaart valk veld ver vis visser vlam vogel vos vrede vriend wal water weg wever wild wind wit witte wolf wolk "
    "zand zee zeeman zilver zoet zomer zon zwaan zwart"
)  # fmt: skip
_PORTUGUESE: Final = (
    "alegria amada amado amor anjo anjos areia aurora bela belo branca branco calado caldeira campos canto cardo "
    "carneiro carvalho casa castanheira castelo chaves coelho conceição cordeiro costa couto cravo cruz curado "
    "dores dourado duque esperança espírito estrela felicidade figueira filho flor flores fonte fontes formiga "
    "fortes fé gato glória grande graça guerra horta jardim justo lago leal leite leão lima limão lobo louro lua "
    "luz machado manhã mar maravilha mata mercado monte moreira moreno neves nobre noite novo ouro paixão palma "
    "parente paz pena penha pimenta pinheiro pinho pinto ponte porto prado praia prata prudente ramos reis rico "
    "rio rios rocha rosa rosário salgado santo serra simples sol terra torres trigo trindade vale valente velho "
    "verde vida vila vitória"
)  # fmt: skip
_POLISH: Final = (
    "baran biała biały bocian bąk cichy cygan cyganek czarna czarny dobra dobry dom dąb gołąb gruszka gwiazda "
    "góra jabłko jasna jasny jelonek kaczka kania kawka kogut kos kot kowal kozioł krawiec kret kruk król kubek "
    "kwiat las lipa lis maj malina mała mały mróz mucha młody niedziela niedźwiedź nowy ogrodnik orzeł pająk "
    "piekarz pilarz pióro piątek ptak rak ryba rybak róża skowronek sobota sokół sowa sroka stary stolarz szary "
    "szewc szpak słowik słoń trawa wesoły wilk wiśnia wrona wróbel zając zielony ziemia zima złoty łoś śmiały "
    "żaba żuk żuraw"
)  # fmt: skip
_EVERY: Final = frozenset(
    " ".join((_ENGLISH, _GERMAN, _FRENCH, _SPANISH, _ITALIAN, _DUTCH, _PORTUGUESE, _POLISH)).split()
)
_STREET_WORDS: Final = (
    "street st road rd avenue ave lane drive way square place court straße strasse str weg platz gasse allee ring "
    "rue boulevard route chemin impasse quai calle avenida plaza paseo camino via viale corso piazza strada "
    "straat laan plein rua travessa praça ulica ul aleja plac the of de du des del della la le les der die das am "
    "an im in "
)
_IN_STREETS: Final = frozenset(_STREET_WORDS.split())
"""What says that it is a street, and little words between."""
_WORDS: Final = re.compile(r"[^\W\d_]+")


def is_everyday(text: str) -> bool:
    """Whether every word of *text* is one of every day, and it holds no number."""
    words = _WORDS.findall(text.lower())
    if not words or any(one.isdigit() for one in text):
        return False
    return all(word in _EVERY or word in _IN_STREETS for word in words) and not _IN_STREETS.issuperset(words)
