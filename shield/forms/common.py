"""What programs write too: names and numbers that tell nobody apart, whoever calls themselves so.

A user name ``image-2``, a customer number ``100000`` stand in half of all traffic. They count where the field's name
says so, or beside another fact (``Form.strength``).
"""

from __future__ import annotations

import re
from typing import Final

_WORD: Final = re.compile(r"[^\W\d_]+")
_FEWEST_DIGITS: Final = 9
_FEWEST_CHARACTERS: Final = 4
_FEWEST_SIGNS: Final = 4  # digits and single letters


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_TECHNICAL: Final = _set(
    "abc admin alpha amd android api app apple arm audio auto beta bit bot build card chrome class click client code "
    "color com content cookie core css data day db de debug default demo desktop dev device div edge en error event "
    "fb file firefox firstname form fr free full gb ga gif google grid group gtm guest hash hd home host html http "
    "https icon id image img index info input intel internal ios ipad iphone item jpeg jpg js json key lastname lcp "
    "level line link linux list live local login logo mac main map max md member menu mobile mode mp name nav net new "
    "no none null num off ok on online open os page part photo pixel play player plus png post pre pro prod query ref "
    "release reply rev root row sale sample sc search section server session sha shop show site size slot src start "
    "step store style sub svg tab tag test text time title token tv type ui unit uri url us user utf value ver version "
    "video view visitor vp web webp west east north south width win windows www xml year zone"
)


def is_technical(text: str) -> bool:
    """Whether it is made of words of programs, single letters and a few digits."""
    words = _WORD.findall(text.lower())
    others = [word for word in words if word not in _TECHNICAL]
    return all(len(word) == 1 for word in others) and len(others) + sum(map(str.isdigit, text)) <= _FEWEST_SIGNS


def is_plain_number(text: str) -> bool:
    """Whether it is a number of few digits, or says the same few characters again and again."""
    bare = [one for one in text.lower() if one.isalnum()]
    if len(set(bare)) < _FEWEST_CHARACTERS:
        return True
    return len(bare) < _FEWEST_DIGITS and all(map(str.isdigit, bare))
