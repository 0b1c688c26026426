"""Names of fields that say what a short or common value is: ``fn``, ``first_name``, ``ct``, ``vorname`` ...

A given name, a town, a year of birth are words and numbers like any other. They count where the field's own name (the
last step of its address, taken apart at dashes, dots, brackets and capitals) says so, or where another fact of the
person stands beside them (``detect.neighbours``).
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from shield.address import SEPARATOR

if TYPE_CHECKING:
    from shield.detect.choice import Hit


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NAME: Final = _set(
    "name names naam fullname attn attention addressee payer payee client employee patient signature cn realname "
    "signer user username customer contact author recipient buyer owner person member guest "
    "passenger traveler traveller nickname nick display kunde empfaenger absender inhaber cardholder holder "
    "sender to from 姓名 名字 收件人 收货人 联系人 收件者 寄件人 氏名 "
    "名前 お名前 宛名 フリガナ 이름 성명 받는사람 имя фио получатель ονοματεπώνυμο όνομα "
    "nome namn navn nimi ім'я الاسم שם नाम ชื่อ"
)
_GIVEN: Final = _NAME | _set(
    "fn fname first firstname given givenname forename vorname prenom nombre nome imie ud middle mn 名 keresztnév "
    "utónév förnamn fornavn etunimi voornaam ad isim отчество"
)
_FAMILY: Final = _NAME | _set(
    "ln lname last lastname family familyname surname nachname nom apellido apellidos cognome nazwisko sn 姓 苗字 성 "
    "фамилия прізвище επώνυμο sobrenome vezetéknév családnév efternamn etternavn sukunimi achternaam soyad soyadi "
    "soyisim primeiro segundo primer"
)
_PLACE: Final = _set("address addr adresse location loc place shipping billing delivery geo destination")
_CITY: Final = _PLACE | _set("ct city town ort stadt ville ciudad citta locality municipality cty wohnort")
_POSTCODE: Final = _PLACE | _set("zp zip zipcode postcode postal postalcode plz pc cp zc codepostal pcode")
_REGION: Final = _PLACE | _set("st state region province bundesland rg admin county land kanton")
_STREET: Final = _PLACE | _set("street strasse straße road sa line line1 address1 addr1 street1 rue calle via")
_LOGIN: Final = _NAME | _set(
    "login email mail em e uid userid account acct handle screen alias local id identifier benutzer konto"
)
_NUMBER: Final = _LOGIN | _set("no nr number num customerno kundennummer ref code")
_YEAR: Final = _set("yob birthyear byear doby geburtsjahr dob birth birthday bday birthdate born geburtstag")

_OFFICIAL: Final = _set(
    "ssn sécu sécurité sociale seguridad sin itin ein tin tax taxid taxpayer passport idcard pesel nip social "
    "security socialsecurity socsec nino nif nie dni cif cpf rg cnpj bsn nir insee secu svnr sv steuer steuerid "
    "steuernummer sozialversicherung sozialversicherungsnummer rentenversicherung ausweis ausweisnummer "
    "personalausweis reisepass reisepassnummer idnr krankenversicherung license licence permis fuehrerschein "
    "führerschein codicefiscale fiscale personnummer cpr hetu fodselsnummer fødselsnummer aadhaar pan rut rfc "
    "curp cedula cédula egn oib emso jmbg rodne oasi ahv "
    "avs nric hkid паспорт инн снилс 身份证 身份证号 マイナンバー 주민등록번호 "
    "medicare nhs"
)
"""What says that a number is one that a state or an insurance gave."""
_BEFORE: Final = {
    "government_id": _OFFICIAL | _set("id identity identification number nummer numero número numéro nr no"),
    "account_id": _set(
        "account acct konto kontonummer kunde kunden kundennummer customer client member mitglied mitgliedsnummer "
        "policy police contract vertrag vertragsnummer iban number nummer numero número numéro nr no compte cuenta "
        "conto klant"
),
    "device_id": _set("device serial imei mac number nummer nr no"),
}  # fmt: skip
_REACH: Final = 48

_BY_PART: Final = {
    "given": _GIVEN, "first": _GIVEN, "family": _FAMILY, "city": _CITY, "postcode": _POSTCODE, "region": _REGION,
    "local": _LOGIN,
}  # fmt: skip
_ANYTHINGS: Final = _set("name names display user nick alias to from location loc place geo st state line") | _PLACE
_BY_CATEGORY: Final = {
    "name": _GIVEN | _FAMILY, "postal_address": _STREET, "username": _LOGIN, "email": _LOGIN,
    "phone": _set("phone ph tel telephone telefon mobile mobil cell handy fax pn msisdn number contact"),
    "date_of_birth": _YEAR, "account_id": _NUMBER, "government_id": _NUMBER | _OFFICIAL,
    "device_id": _NUMBER | _set("device serial imei mac"), "ad_id": _NUMBER | _set("idfa gaid aaid ifa maid adid"),
    "gender": _set("gender ge sex geschlecht salutation anrede gen"),
}  # fmt: skip
_NONE: Final[frozenset[str]] = frozenset()
_WORD: Final = re.compile(r"[A-Z]?[a-zà-ÿß]+|[A-Z]+(?![a-z])|\d+|[^\W\d_a-zA-Zà-ÿß]+")


def words_of(address: str) -> frozenset[str]:
    """What the name of a field says, in lower case: its words, with numbers cut off, and all of it as one word."""
    steps = address.split(SEPARATOR)
    name = next((step for step in reversed(steps[1:]) if not step.isdigit() and step not in _LAYERS), steps[-1])
    words = [word.lower() for word in _WORD.findall(name) if not word.isdigit()]
    return frozenset((*words, "".join(words)))


_LAYERS: Final = _set("base32 base64 deflate entities gzip hex lz percent quoted text zlib json: form: query:")


def says(address: str, hit: Hit, *, is_word: bool = False) -> bool:
    """Whether a field of this address states that its value is this part of a fact. (Dates: ``neighbours``.)

    Args:
        is_word: of every day; a *name* or a *location* may be anything's then, a *first name* may not.
    """
    part = hit.likeness.part.partition("~")[0]
    wanted = _BY_PART.get(part) or _BY_CATEGORY.get(hit.category) or _NONE
    if is_word and part in _BY_PART:
        wanted = wanted - _ANYTHINGS
    return part != "year" and bool(words_of(address) & wanted)


def is_told_before(content: bytes, hit: Hit) -> bool:
    """Whether a word shortly before a number in the same text says what it is (``my SSN is 111-11-1121``)."""
    words = _BEFORE.get(hit.category)
    if words is None:
        return False
    before = content[max(0, hit.start - _REACH) : hit.start].decode("utf-8", "ignore")
    return bool(words & {word.lower() for word in _WORD.findall(before)})


def is_year_of_birth(address: str) -> bool:
    """Whether a field of this address holds nothing else."""
    return bool(words_of(address) & _YEAR)


DAY: Final = _set("day dd dobd bd bday birthday tag jour dia d birthdate")
MONTH: Final = _set("month mm dobm bm bmonth birthmonth monat mois mes m")
YEAR: Final = _set("year yyyy doby by byear birthyear jahr annee ano y yob")
"""Names of the three fields of a date that was split."""
