"""Names in Chinese, Japanese and Korean: the family name first, mostly without a space.

Nothing stands between words there, so a name counts inside a sentence. Three characters are telling; of two, as in many
Chinese names, it takes a title behind them, a label before them or a field that says so.

Source: Unicode Standard, chapters 18.1 (Han), 18.4 to 18.6 (kana, Hangul).
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from shield.forms.form import Form, Strength

_TELLING: Final = 3
_TITLES: Final = (
    "先生", "女士", "小姐", "同学", "老师", "经理",
    "様", "さん", "さま", "氏", "君", "ちゃん",
    "님", "씨", " 씨", "양", "군",
)  # fmt: skip
"""Mr, Ms, Miss, fellow student, teacher, manager; sama, san, shi, kun, chan; nim, ssi, yang, gun."""
_DOUBLE_TEXT: Final = (
    "欧阳 歐陽 司马 司馬 诸葛 諸葛 上官 太史 端木 东方 東方 独孤 南宫 夏侯 皇甫 尉迟 尉遲 公孙 公孫 慕容 长孙 長孫 "
    "宇文 司徒 令狐 남궁 황보 제갈 사공 선우 서문 독고 동방"
)
_DOUBLE: Final = frozenset(_DOUBLE_TEXT.split())
"""Family names of two characters, Chinese and Korean."""


def is_eastern(text: str) -> bool:
    """Whether it is written in these characters alone."""
    letters = [one for one in text if one.isalpha()]
    return bool(letters) and all(_is_character(one) for one in letters)


def is_hangul(text: str) -> bool:
    """Whether it is Korean."""
    return any("\uac00" <= one <= "\ud7a3" for one in text)


def _is_character(one: str) -> bool:
    """Han and kana, Hangul, compatibility forms, and the Han characters that came later."""
    if is_hangul(one) or "\uf900" <= one <= "\ufaff":
        return True
    return "\u3005" <= one <= "\u9fff" or one >= "\U00020000"


def split(text: str) -> tuple[str, str]:
    """Given and family name of one that is written without a space.

    Of four characters the family has two, as in Japan; else one, but for the double names of China and Korea.
    """
    words = text.split()
    if len(words) > 1:
        return " ".join(words[1:]), words[0]
    double = text[:2] in _DOUBLE or (len(text) > _TELLING and not is_hangul(text))
    at = 2 if double and len(text) > 2 else 1
    return text[at:], text[:at]


def name(given: str, family: str) -> list[Form]:
    """Alone, together, with each kind of space, in the order of the West too."""
    if not given or not family:
        given, family = split(given + family)
    sure: Strength = "strong" if len(given + family) >= _TELLING else "weak"
    made = [Form(part, text, _alone(text)) for part, text in (("given", given), ("family", family))]
    if not given:
        return made
    made.append(Form("full", family + given, sure))
    made.append(Form("reversed", f"{family} {given}", sure))
    for label, text in {
        "wide": f"{family}\u3000{given}", "point": f"{family}・{given}", "dot": f"{family}·{given}",
        "western": f"{given} {family}", "western-wide": f"{given}\u3000{family}", "western-dot": f"{given}·{family}",
        "western-point": f"{given}・{family}", "western-equals": f"{given}＝{family}", "western-tight": given + family,
        "listed": f"{family}, {given}", "listed-wide": f"{family}，{given}", "listed-point": f"{family}、{given}",
    }.items():  # fmt: skip
        tight: Strength = "weak" if label == "western-tight" else sure
        made.append(Form(f"full~{label}", text, tight, is_variant=True))
    if sure == "weak":
        made += _titled(family + given)
    return made


def _alone(text: str) -> Strength:
    return "weak" if len(text) > 1 else "whole"


def _titled(full: str) -> Iterator[Form]:
    for number, title in enumerate(_TITLES):
        yield Form(f"full~title-{number}", full + title, "strong", is_variant=True)
