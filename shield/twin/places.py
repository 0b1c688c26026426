"""Towns with a postcode and a region that belong together, and how addresses are written there.

Faker draws city, postcode and state independently; a shop that checks an address would refuse the result. So the
town comes from here and only the street is invented. In a postcode ``#`` is any digit and ``?`` any letter.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Town:
    """A town of one country."""

    city: str
    postcode: str
    region: str


def _towns(text: str) -> tuple[Town, ...]:
    return tuple(Town(*(part.strip() for part in line.split("|"))) for line in text.strip().split(";"))


TOWNS: Final[Mapping[str, tuple[Town, ...]]] = {
    "DE": _towns(
        "Leipzig|04109|Sachsen; Bremen|28195|Bremen; Kassel|34117|Hessen; Augsburg|86150|Bayern;"
        "Rostock|18055|Mecklenburg-Vorpommern; Mainz|55116|Rheinland-Pfalz; Erfurt|99084|Thüringen;"
        "Freiburg|79098|Baden-Württemberg; Kiel|24103|Schleswig-Holstein; Magdeburg|39104|Sachsen-Anhalt;"
        "Münster|48143|Nordrhein-Westfalen; Saarbrücken|66111|Saarland; Hannover|30159|Niedersachsen"
    ),
    "AT": _towns(
        "Graz|8010|Steiermark; Linz|4020|Oberösterreich; Salzburg|5020|Salzburg; Innsbruck|6020|Tirol;"
        "Klagenfurt|9020|Kärnten; Bregenz|6900|Vorarlberg; St. Pölten|3100|Niederösterreich"
    ),
    "CH": _towns(
        "Bern|3011|Bern; Basel|4051|Basel-Stadt; Luzern|6003|Luzern; St. Gallen|9000|St. Gallen;"
        "Winterthur|8400|Zürich; Chur|7000|Graubünden; Aarau|5000|Aargau; Zug|6300|Zug"
    ),
    "FR": _towns(
        "Lyon|69002|Auvergne-Rhône-Alpes; Nantes|44000|Pays de la Loire; Rennes|35000|Bretagne;"
        "Dijon|21000|Bourgogne-Franche-Comté; Lille|59000|Hauts-de-France; Toulouse|31000|Occitanie;"
        "Bordeaux|33000|Nouvelle-Aquitaine; Tours|37000|Centre-Val de Loire; Rouen|76000|Normandie"
    ),
    "GB": _towns(
        "Leeds|LS1 #??|West Yorkshire; Norwich|NR1 #??|Norfolk; Bristol|BS1 #??|Bristol; Exeter|EX1 #??|Devon;"
        "York|YO1 #??|North Yorkshire; Cardiff|CF10 #??|Cardiff; Leicester|LE1 #??|Leicestershire;"
        "Plymouth|PL1 #??|Devon; Sheffield|S1 #??|South Yorkshire; Derby|DE1 #??|Derbyshire"
    ),
    "IE": _towns(
        "Cork|T12 ??##|Cork; Galway|H91 ??##|Galway; Limerick|V94 ??##|Limerick; Waterford|X91 ??##|Waterford"
    ),
    "US": _towns(
        "Columbus|43215|OH; Tucson|85701|AZ; Boise|83702|ID; Omaha|68102|NE; Portland|97205|OR; Madison|53703|WI;"
        "Raleigh|27601|NC; Albany|12207|NY; Richmond|23219|VA; Denver|80202|CO; Tulsa|74103|OK; Spokane|99201|WA"
    ),
    "CA": _towns(
        "Ottawa|K1P #?#|ON; Calgary|T2P #?#|AB; Halifax|B3J #?#|NS; Winnipeg|R3C #?#|MB; Victoria|V8W #?#|BC;"
        "Regina|S4P #?#|SK"
    ),
    "AU": _towns(
        "Hobart|7000|TAS; Adelaide|5000|SA; Perth|6000|WA; Geelong|3220|VIC; Newcastle|2300|NSW; Cairns|4870|QLD;"
        "Darwin|0800|NT; Ballarat|3350|VIC"
    ),
    "NZ": _towns(
        "Dunedin|9016|Otago; Hamilton|3204|Waikato; Nelson|7010|Nelson; Napier|4110|Hawke's Bay;"
        "Wellington|6011|Wellington"
    ),
    "ES": _towns(
        "Zaragoza|50001|Aragón; Valladolid|47001|Castilla y León; Murcia|30001|Murcia; Granada|18001|Andalucía;"
        "Bilbao|48001|País Vasco; Oviedo|33001|Asturias; Santander|39001|Cantabria"
    ),
    "IT": _towns(
        "Bologna|40121|BO; Parma|43121|PR; Verona|37121|VR; Bari|70121|BA; Perugia|06121|PG; Trieste|34121|TS;"
        "Pisa|56121|PI; Torino|10121|TO"
    ),
    "NL": _towns(
        "Utrecht|3511 ??|Utrecht; Groningen|9711 ??|Groningen; Eindhoven|5611 ??|Noord-Brabant;"
        "Haarlem|2011 ??|Noord-Holland; Arnhem|6811 ??|Gelderland; Zwolle|8011 ??|Overijssel;"
        "Maastricht|6211 ??|Limburg"
    ),
    "BE": _towns(
        "Gent|9000|Oost-Vlaanderen; Brugge|8000|West-Vlaanderen; Antwerpen|2000|Antwerpen;"
        "Leuven|3000|Vlaams-Brabant; Namur|5000|Namur; Liège|4000|Liège; Hasselt|3500|Limburg"
    ),
    "PL": _towns(
        "Poznań|61-001|wielkopolskie; Gdańsk|80-001|pomorskie; Lublin|20-001|lubelskie;"
        "Wrocław|50-001|dolnośląskie; Łódź|90-001|łódzkie; Szczecin|70-001|zachodniopomorskie"
    ),
    "PT": _towns(
        "Porto|4000-###|Porto; Braga|4700-###|Braga; Coimbra|3000-###|Coimbra; Faro|8000-###|Faro;"
        "Aveiro|3800-###|Aveiro"
    ),
    "BR": _towns(
        "Curitiba|80010-###|PR; Recife|50010-###|PE; Porto Alegre|90010-###|RS; Salvador|40010-###|BA;"
        "Goiânia|74010-###|GO"
    ),
    "SE": _towns(
        "Uppsala|753 20|Uppsala län; Örebro|702 10|Örebro län; Umeå|903 25|Västerbottens län;"
        "Malmö|211 20|Skåne län; Göteborg|411 05|Västra Götalands län"
    ),
    "DK": _towns(
        "Aarhus|8000|Midtjylland; Odense|5000|Syddanmark; Aalborg|9000|Nordjylland; Esbjerg|6700|Syddanmark;"
        "Roskilde|4000|Sjælland"
    ),
    "NO": _towns(
        "Bergen|5003|Vestland; Trondheim|7010|Trøndelag; Stavanger|4005|Rogaland; Tromsø|9008|Troms;"
        "Drammen|3015|Buskerud"
    ),
    "FI": _towns(
        "Tampere|33100|Pirkanmaa; Turku|20100|Varsinais-Suomi; Oulu|90100|Pohjois-Pohjanmaa;"
        "Lahti|15110|Päijät-Häme; Kuopio|70100|Pohjois-Savo"
    ),
    "CZ": _towns(
        "Brno|602 00|Jihomoravský kraj; Ostrava|702 00|Moravskoslezský kraj; Plzeň|301 00|Plzeňský kraj;"
        "Olomouc|779 00|Olomoucký kraj"
    ),
}

LOCALES: Final[Mapping[str, str]] = {
    "DE": "de_DE", "AT": "de_AT", "CH": "de_CH", "FR": "fr_FR", "GB": "en_GB", "IE": "en_IE", "US": "en_US",
    "CA": "en_CA", "AU": "en_AU", "NZ": "en_NZ", "ES": "es_ES", "IT": "it_IT", "NL": "nl_NL", "BE": "nl_BE",
    "PL": "pl_PL", "PT": "pt_PT", "BR": "pt_BR", "SE": "sv_SE", "DK": "da_DK", "NO": "no_NO", "FI": "fi_FI",
    "CZ": "cs_CZ", "MX": "es_MX", "AR": "es_AR", "CL": "es_CL", "CO": "es_CO", "IN": "en_IN", "RO": "ro_RO",
    "HU": "hu_HU", "HR": "hr_HR", "SK": "sk_SK", "SI": "sl_SI", "TR": "tr_TR", "LT": "lt_LT", "LV": "lv_LV",
    "EE": "et_EE", "ID": "id_ID", "PH": "en_PH", "LU": "lb_LU",
}  # fmt: skip
"""Country -> Faker's locale; only such as write in Latin letters."""

CALLING_CODES: Final[Mapping[str, str]] = {
    "1": "US", "44": "GB", "49": "DE", "43": "AT", "41": "CH", "33": "FR", "353": "IE", "34": "ES", "39": "IT",
    "31": "NL", "32": "BE", "48": "PL", "351": "PT", "55": "BR", "46": "SE", "45": "DK", "47": "NO", "358": "FI",
    "420": "CZ", "61": "AU", "64": "NZ", "52": "MX", "54": "AR", "56": "CL", "57": "CO", "91": "IN", "40": "RO",
    "36": "HU", "90": "TR",
}  # fmt: skip

_NUMBER_FIRST: Final = frozenset({"US", "GB", "IE", "CA", "AU", "NZ", "FR", "LU", "IN", "PH"})
_COMMA: Final = frozenset({"ES", "IT", "PT", "BR", "AR", "CL", "MX", "CO"})


def write_street(country: str, street: str, number: int) -> str:
    """Street and house number in the order of the country."""
    if country in _NUMBER_FIRST:
        return f"{number} {street}"
    return f"{street}, {number}" if country in _COMMA else f"{street} {number}"


def country_of_phone(phone: str) -> str | None:
    """The country of a number in E.164, where we know it."""
    return next((CALLING_CODES[phone[1:end]] for end in (4, 3, 2) if phone[1:end] in CALLING_CODES), None)
