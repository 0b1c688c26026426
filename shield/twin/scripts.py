"""The script of a name, so that the persona's is written in the same."""

from __future__ import annotations

import unicodedata
from typing import Final

_LOCALES: Final = {
    "HANGUL": "ko_KR", "HIRAGANA": "ja_JP", "KATAKANA": "ja_JP", "CYRILLIC": "ru_RU", "GREEK": "el_GR",
    "ARABIC": "ar_AA", "HEBREW": "he_IL",
    "DEVANAGARI": "hi_IN", "THAI": "th_TH", "ARMENIAN": "hy_AM", "GEORGIAN": "ka_GE",
    "BENGALI": "bn_BD", "TAMIL": "ta_IN",
}  # fmt: skip
_OF_COUNTRY: Final = {
    "JP": {"CJK": "ja_JP"}, "TW": {"CJK": "zh_TW"}, "HK": {"CJK": "zh_TW"}, "UA": {"CYRILLIC": "uk_UA"},
    "BG": {"CYRILLIC": "bg_BG"}, "IR": {"ARABIC": "fa_IR"},
}  # fmt: skip
_JAPANESE: Final = frozenset("々込辻峠畑榊栃働沢浜桜辺斎斉塚")
_USUAL_IN_JAPAN: Final = frozenset("田山川村井藤野本崎原島橋太郎子美一二三")
"""Characters of many Japanese names; Chinese family names have one of them at most."""


def locale_of(text: str, names: str, country: str) -> str | None:
    """Faker's locale for names in the script of *text*; None for Latin letters and what it has no names for.

    Args:
        names: all names of the person, which tell Japanese from Chinese.
    """
    for one in text:
        if not one.isalpha() or one.isascii():
            continue
        script = unicodedata.name(one, "").split(" ")[0]
        found = _OF_COUNTRY.get(country, {}).get(script) or _LOCALES.get(script)
        if script == "CJK" and found is None:
            return "ja_JP" if _is_japanese(names) else "zh_CN"
        if found is not None:
            return found
    return None


def _is_japanese(text: str) -> bool:
    return bool(_JAPANESE.intersection(text)) or sum(one in _USUAL_IN_JAPAN for one in text) > 1
