"""Applying: the clauses of a policy that hold for one message by its context, by what they do."""

from __future__ import annotations

from dataclasses import dataclass, field

from shield.policy.clause import Held


@dataclass(slots=True)
class Applying:
    """Clauses that hold by the context.

    Attributes:
        guards: leave the message untouched.
        messages: allow, ask, block or unwrap the message.
        places: name fields; selects: select what was found; adds: add constants.
    """

    guards: list[Held] = field(default_factory=list)
    messages: list[Held] = field(default_factory=list)
    places: list[Held] = field(default_factory=list)
    selects: list[Held] = field(default_factory=list)
    adds: list[Held] = field(default_factory=list)
