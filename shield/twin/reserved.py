"""Numbers and domains that nobody has: set aside by the authorities for examples, film and television.

A persona's telephone number and e-mail address must never reach a stranger. Sources:

- RFC 2606 section 3: example.com, example.net, example.org.
- North American Numbering Plan Administrator: 555-0100 to 555-0199 in every area code.
- Ofcom, "Telephone numbers for use in TV and radio drama programmes": 1000 numbers in each range.
- Bundesnetzagentur, "Rufnummern für Medienproduktionen" (drama numbers).
- ARCEP, decision 2018-0881 annexe, section on audiovisual works: six ranges of 10,000.
- ACMA, "Phone numbers for use in TV shows, films and creative works".
- ComReg, numbering conditions: 020 91X XXXX. PTS, numbers for books and films.
"""

from __future__ import annotations

from random import Random
from typing import Final

EMAIL_DOMAINS: Final = ("example.org", "example.net", "example.com")

_NANP_AREAS: Final = (
    "201", "202", "203", "205", "206", "207", "208", "209", "210", "212", "213", "214", "215", "216", "217", "218",
    "219", "225", "228", "229", "231", "234", "239", "240", "248", "251", "252", "253", "254", "256", "260", "262",
    "267", "269", "270", "276", "281", "301", "302", "303", "304", "305", "307", "308", "309", "310", "312", "313",
    "314", "315", "316", "317", "318", "319", "320", "321", "323", "325", "330", "334", "336", "337", "339", "347",
    "351", "352", "360", "361", "386", "401", "402", "404", "405", "406", "407", "408", "409", "410", "412", "413",
)  # fmt: skip

RANGES: Final[dict[str, tuple[str, ...]]] = {
    "1": tuple(f"+1{area}55501xx" for area in _NANP_AREAS),
    "44": (
        "+447700900xxx", "+442079460xxx", "+441134960xxx", "+441144960xxx", "+441154960xxx", "+441164960xxx",
        "+441174960xxx", "+441184960xxx", "+441214960xxx", "+441314960xxx", "+441414960xxx", "+441514960xxx",
        "+441614960xxx", "+441632960xxx", "+441914980xxx", "+442896496xxx", "+442920180xxx",
    ),
    "49": (
        "+4917139200xx", "+49176040690xx", "+493023125xxx", "+494066969xxx", "+492214710xxx",
        "+498999998xxx", "+496990009xxx",
    ),
    "33": ("+3363998xxxx", "+3319900xxxx", "+3326191xxxx", "+3335301xxxx", "+3346571xxxx", "+3353649xxxx"),
    "61": ("+6125550xxxx", "+6127010xxxx", "+6135550xxxx", "+6137010xxxx", "+6175550xxxx", "+6185550xxxx"),
    "353": ("+3532091xxxxx",),
    "46": ("+463139006xx", "+464062804xx", "+468465004xx"),
}  # fmt: skip
"""Country calling code -> ranges in E.164; each ``x`` is any digit."""


def calling_code(phone: str) -> str:
    """The calling code of a number in E.164 if we know reserved numbers there, else ``1``."""
    return next((code for code in RANGES if phone.startswith("+" + code)), "1")


def draw_phone(random: Random, like: str) -> str:
    """A number that nobody has, of the same country as *like* where that country reserves some, else of +1."""
    ranges = RANGES[calling_code(like)]
    sizes = [10 ** one.count("x") for one in ranges]
    return "".join(str(random.randrange(10)) if one == "x" else one for one in random.choices(ranges, sizes)[0])


def is_reserved_phone(phone: str) -> bool:
    """Whether a number in E.164 lies in one of the ranges."""
    return any(
        len(phone) == len(one) and phone.startswith(one.rstrip("x")) for ranges in RANGES.values() for one in ranges
    )


def is_reserved_domain(domain: str) -> bool:
    """Whether mail to this domain reaches nobody."""
    return domain in EMAIL_DOMAINS
