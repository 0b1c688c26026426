"""Forms of names, e-mail addresses and gender."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final

from shield.disguise import EVERYWHERE, GMAIL, normalise
from shield.forms import eastern
from shield.forms.common import is_technical
from shield.forms.eastern import is_eastern
from shield.forms.form import Form, Strength, by_length

_JOINS: Final = (("dotted", "."), ("underscored", "_"), ("dashed", "-"))
_SURE: Final = 7  # letters of a joined name
_LONG_ENOUGH: Final = 4
PARTICLES: Final = frozenset({
    "von", "van", "vom", "de", "der", "den", "di", "da", "del", "della", "la", "le", "du", "des", "do", "dos", "das",
    "zu", "zum", "zur", "ter", "ten", "af", "av", "el", "al", "bin", "ibn", "ben", "y", "e", "i", "het",
    "'t", "st.", "d",
})  # fmt: skip
"""Words of a family name that nobody is called by."""


def email(parts: Mapping[str, str]) -> list[Form]:
    """The address, and what stands before the at sign."""
    value = parts.get("value", "").strip()
    local, _, domain = value.rpartition("@")
    made = [Form("value", value), Form("local", local, "strong" if is_own(local) else "whole")]
    made += [Form(f"value~{how}", f"{local}@{other}") for how, other in domains(domain).items()]
    bare, plus, _ = local.partition("+")
    if bare and plus:  # what is left of an address that somebody keeps without its tag
        made.append(Form("untagged", f"{bare}@{domain}"))
        made.append(Form("local-untagged", bare, "whole"))
    return made


def mailbox(address: str) -> tuple[str, str]:
    """Local part and domain of the mailbox that mail to *address* ends in: without a tag, at Gmail without dots.

    Source: RFC 5233 (subaddress); Gmail help, "Dots don't matter in Gmail addresses".
    """
    local, _, domain = address.strip().lower().rpartition("@")
    if domain in GMAIL:
        local, domain = local.replace(".", ""), GMAIL[0]
    return local.partition("+")[0] or local, domain


def domains(domain: str) -> dict[str, str]:
    """The other spellings of a domain with letters beyond ASCII: in them, and as it is asked for (RFC 5891, RFC 3490).

    Sharp s and final sigma have letters of their own since IDNA 2008; before, they were ``ss`` and sigma.
    """
    labels = unicodedata.normalize("NFC", domain).lower().split(".")
    known = ".".join(map(_unicode, labels))
    spelled = {
        "unicode": known,
        "idn": ".".join(map(_punycode, known.split("."))),
        "idn-2003": ".".join(map(_punycode, known.replace("ß", "ss").replace("ς", "σ").split("."))),
    }
    found: dict[str, str] = {}
    for how, text in spelled.items():
        if text not in (domain.lower(), *found.values()):
            found[how] = text
    return found


def _punycode(label: str) -> str:
    return label if label.isascii() else "xn--" + label.encode("punycode").decode()


def _unicode(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except UnicodeError:
        return label


def is_own(text: str) -> bool:
    """Whether a name that somebody chose is unlike a word: six characters, and a digit or a sign among them."""
    return len(text) >= 6 and not (text.isalpha() or text.isdigit() or is_technical(text))


def username(parts: Mapping[str, str]) -> list[Form]:
    """As it was typed."""
    value = parts.get("value", "")
    return [Form("value", value, "strong" if is_own(value) else by_length(value))]


def name(parts: Mapping[str, str]) -> list[Form]:
    """Given and family name, alone and in all orders, with initials, and joined as in user names."""
    given, family = parts.get("given", "").strip(), parts.get("family", "").strip()
    if not given and not family:
        given, _, family = parts.get("value", "").strip().rpartition(" ")
    if is_eastern(given + family):
        return eastern.name(given, family)
    made = [Form(part, text, by_length(text)) for part, text in (("given", given), ("family", family))]
    first, _, others = given.partition(" ")
    if others:
        made.append(Form("first", first, by_length(first), is_variant=True))
    if given and family:
        whole: Strength = "weak" if is_technical(given) and is_technical(family) else "strong"
        made += [
            Form("full", f"{given} {family}", whole),
            Form("reversed", f"{family} {given}", whole),
            Form("listed", f"{family}, {given}", whole, is_variant=True),
            *_initials(first, others, family),
            *_joined(first, family),
        ]
        known = {form.text.lower() for form in made}
        for form in (*_of_givens(given, family), *_of_families(given, family), *_in_capitals(given, family)):
            if form.text.lower() not in known or form.part.endswith("~capitals"):
                known.add(form.text.lower())
                made.append(form)
    return made


def _initials(first: str, others: str, family: str) -> list[Form]:
    sure: Strength = "strong" if len(family) >= 4 else "weak"
    made = [
        Form("initial-family", f"{first[:1]}. {family}", sure, is_variant=True),
        Form("initial-bare", f"{first[:1]} {family}", "weak", is_variant=True),
        Form("given-initial", f"{first} {family[:1]}.", "weak", is_variant=True),
        Form("initial-joined", f"{first[:1]}{family}", "weak", is_variant=True),
        Form("initial-dotted", f"{first[:1]}.{family}", sure, is_variant=True),
        Form("family-initial", f"{family}, {first[:1]}.", sure, is_variant=True),
    ]
    if others:
        made += [
            Form("first-family", f"{first} {family}", is_variant=True),
            Form("middle-initial", f"{first} {others[:1]}. {family}", is_variant=True),
        ]
    return made


def _joined(first: str, family: str) -> list[Form]:
    is_common = is_technical(first) and is_technical(family)
    sure: Strength = "strong" if len(first + family) >= _SURE and not is_common else "weak"
    tight = family.replace(" ", "")
    made = [Form("joined", first + tight, sure, is_variant=True)]
    for part, sign in _JOINS:
        made.append(Form(part, f"{first}{sign}{family.replace(' ', sign)}", sure, is_variant=True))
        made.append(Form(f"reversed-{part}", f"{family.replace(' ', sign)}{sign}{first}", sure, is_variant=True))
        if tight != family:
            made.append(Form(f"{part}~tight", f"{first}{sign}{tight}", sure, is_variant=True))
    return made


def _of_givens(given: str, family: str) -> Iterator[Form]:
    """Several given names, a middle name or patronymic: some of them, initials, written together or with a dash."""
    words = re.split(r"[ -]", given)
    if len(words) == 1:
        return
    first, last = words[0], words[-1]
    letters = [word[:1] for word in words if word]
    dots = f"{'. '.join(letters)}."
    tight = "".join(words)
    texts = {
        "first-family~first": f"{first} {family}", "reversed~first": f"{family} {first}",
        "listed~first": f"{family}, {first}",
        "first-family~last": f"{last} {family}", "reversed~last": f"{family} {last}",
        "initial-family~all": f"{dots} {family}", "initial-family~close": f"{dots.replace(' ', '')} {family}",
        "initial-family~bare": f"{''.join(letters)} {family}",
        "initial-family~dash": f"{'.-'.join(letters)}. {family}",
        "family-initial~all": f"{family} {dots}", "family-initial~close": f"{family} {dots.replace(' ', '')}",
        "family-initial~listed": f"{family}, {dots}", "family-initial~first": f"{family} {letters[0]}.",
        "full~tight": f"{tight} {family}", "reversed~tight": f"{family} {tight}",
        "full~dash": f"{'-'.join(words)} {family}", "reversed~dash": f"{family} {'-'.join(words)}",
        "full~blank": f"{' '.join(words)} {family}", "reversed~blank": f"{family} {' '.join(words)}",
        "joined~tight": tight + family.replace(" ", ""), "dotted~tight": f"{tight}.{family.replace(' ', '')}",
        "listed~tight": f"{family}, {tight}", "listed~dash": f"{family}, {'-'.join(words)}",
    }  # fmt: skip
    sure: Strength = "strong" if len(family) >= _LONG_ENOUGH else "weak"
    for part, text in texts.items():
        is_short = "initial" in part or len(text) <= _SURE
        yield Form(part, text, sure if is_short else "strong", is_variant=True)


def _of_families(given: str, family: str) -> Iterator[Form]:
    """Two surnames of which one is used, particles set behind or left out, halves of a double name."""
    words = family.split()
    core = [word for word in words if word.lower() not in PARTICLES]
    particles = " ".join(words[: len(words) - len(core)]) if words[len(words) - len(core) :] == core else ""
    first = re.split(r"[ -]", given)[0]
    for label, text in _surnames(words, core, family).items():
        sure: Strength = "strong" if len(text) >= _LONG_ENOUGH else "weak"
        yield Form(f"family~{label}", text, by_length(text), is_variant=True)
        yield Form(f"full~{label}", f"{given} {text}", sure, is_variant=True)
        yield Form(f"reversed~{label}", f"{text} {given}", sure, is_variant=True)
        yield Form(f"listed~{label}", f"{text}, {given}", sure, is_variant=True)
        yield Form(f"first-family~{label}", f"{first} {text}", sure, is_variant=True)
        yield Form(f"initial-family~{label}", f"{first[:1]}. {text}", sure, is_variant=True)
        yield Form(f"initial-dotted~{label}", f"{first[:1]}.{text.replace(' ', '')}", sure, is_variant=True)
        yield Form(f"dotted~{label}", f"{first}.{text.replace(' ', '')}", sure, is_variant=True)
        yield Form(f"joined~{label}", f"{first}{text.replace(' ', '')}", sure, is_variant=True)
    if particles:
        yield Form("listed~particle", f"{' '.join(core)}, {given} {particles}", "strong", is_variant=True)
        letters = "".join(f"{word[:1]}. " for word in particles.split())
        yield Form("full~particle", f"{given} {letters}{' '.join(core)}", "strong", is_variant=True)


def _surnames(words: list[str], core: list[str], family: str) -> dict[str, str]:
    """The surnames of somebody who has several, by which of them it is."""
    found = {"core": " ".join(core), "tight": family.replace(" ", "")}
    if len(core) > 1:
        at = words.index(core[0]) + 1
        last = words.index(core[-1])
        while last > at and words[last - 1].lower() in PARTICLES:
            last -= 1
        found |= {"one": " ".join(words[:at]), "two": core[-1], "dash": "-".join(core), "turned": " ".join(core[::-1])}
        found["both"] = " ".join(words[last:])
    halves = family.split("-") if "-" in family else []
    if len(halves) > 1:
        found |= {"one": halves[0], "two": halves[-1], "blank": family.replace("-", " ")}
    return {label: text for label, text in found.items() if text and text != family}


def _in_capitals(given: str, family: str) -> Iterator[Form]:
    """The family name alone in capitals, where a search without case does not see them."""
    if family.isascii():
        return
    for text in dict.fromkeys((family.upper(), family.replace("ß", "ẞ").upper())):
        yield Form("full~capitals", f"{given} {text}", "strong", is_variant=True)
        yield Form("reversed~capitals", f"{text} {given}", "strong", is_variant=True)
    if not given.isascii():  # one of them as it is, the other without what its letters have above them
        for normal in ("ascii", "german"):
            plain = {text: EVERYWHERE[normal](text) for text in (given, family)}
            if all(one.isascii() and one for one in plain.values()):
                yield Form(f"full~{normal}", f"{given} {plain[family]}", "strong", is_variant=True)
                yield Form(f"full~{normal}", f"{plain[given]} {family}", "strong", is_variant=True)


def gender(parts: Mapping[str, str]) -> list[Form]:
    """The word, and its first letter as digests have it."""
    value = parts.get("value", "").strip()
    initial = normalise("meta", "gender", "value", value) or ""
    return [Form("value", value, "digest" if len(value) < 3 else "tiny"), Form("initial", initial, "digest")]
