"""The forms of a fact: how the same thing is written in the clear (an e-mail and its local part, a phone in E.164
and national, a date in a dozen orders). Pure; the disguises of a form are in ``shield.disguise``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from shield.forms import numbers, people, places, telephone, times
from shield.forms.form import Form, Strength
from shield.forms.people import mailbox

__all__ = ["Form", "Strength", "form_text", "forms", "mailbox", "seldom"]

_FEWEST_DIGITS: Final = 5
_INSTEAD: Final = {"untagged": "value", "local-untagged": "local"}


def forms(category: str, parts: Mapping[str, str]) -> tuple[Form, ...]:
    """Every form of a fact with these parts; the same parts in the same order for a persona's value."""
    make = _FORMS.get(category)
    made = make(parts) if make else _plain(parts)
    return tuple(form for form in made if _can_be_searched(form))


def form_text(category: str, parts: Mapping[str, str], part: str) -> str | None:
    """The text of one form, None where a fact has no such form.

    An address without a tag is its own form without one: a persona's may have none. What stands behind a ``~`` is a
    way of writing the part before it, which a persona's need not have.
    """
    if part.startswith(telephone.GROUPED):
        return telephone.grouped(parts.get("value", ""), part)
    made = {form.part: form.text for form in reversed(forms(category, parts))}
    return made.get(part) or made.get(_INSTEAD.get(part, part.partition("~")[0]))


def seldom(category: str, parts: Mapping[str, str]) -> Iterator[Form]:
    """Further forms, of which only the usual digests are looked for."""
    return telephone.groupings(parts.get("value", "")) if category == "phone" else iter(())


def _can_be_searched(form: Form) -> bool:
    if form.is_number:
        return sum(map(str.isdigit, form.text)) >= _FEWEST_DIGITS
    return "\0" not in form.text and any(map(str.isalnum, form.text))


def _plain(parts: Mapping[str, str]) -> list[Form]:
    made: list[Form] = []
    for part, text in parts.items():
        made += numbers.stated(part, text)
    return made


def _phone(parts: Mapping[str, str]) -> list[Form]:
    return telephone.phone(parts.get("value", ""), parts.get("written", ""))


_FORMS: Final[Mapping[str, Callable[[Mapping[str, str]], list[Form]]]] = {
    "email": people.email, "phone": _phone, "card": numbers.card, "name": people.name,
    "username": people.username, "postal_address": places.address, "date_of_birth": times.date, "gender": people.gender,
}  # fmt: skip
