"""Errors, by whose fault they are.

Messages name category, place and length, never a value. They are lower case, without a full stop; the
hint is something a person can type or look for.
"""

from __future__ import annotations


class ShieldError(Exception):
    """Something that Shield can explain, with a hint that helps."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n  hint: {self.hint}" if self.hint else self.message


class RuleError(ShieldError):
    """A mistake in a file that a person edits: rules, configuration, facts. Says where.

    *line* and *column* count from 1; 0 means the whole file.
    """

    def __init__(self, message: str, hint: str = "", *, path: str, line: int = 0, column: int = 0) -> None:
        super().__init__(message, hint)
        self.path = path
        self.line = line
        self.column = column

    @property
    def where(self) -> str:
        """``rules/shop.yaml:14:13``, as editors and terminals understand it."""
        return f"{self.path}:{self.line}:{self.column}" if self.line else self.path

    def __str__(self) -> str:
        text = f"{self.where}: {self.message}"
        return f"{text}\n  hint: {self.hint}" if self.hint else text


class RuleErrors(ShieldError):
    """Every mistake found in a set of files, in the order of the files and lines."""

    def __init__(self, errors: list[RuleError]) -> None:
        super().__init__("\n".join(str(error) for error in errors))
        self.errors = tuple(errors)


class Unreadable(ShieldError):
    """Bytes of a peer that a notation cannot read; the field stays opaque."""


class Unwritable(ShieldError):
    """A layer cannot carry the new content, e.g. CR LF in a header value; the caller blocks."""


class Signed(Unwritable):
    """A signature covers what would be edited; the message passes as it is or is blocked."""


class TwinError(ShieldError):
    """The twin is locked, damaged, or not there."""


class InputError(ShieldError):
    """A file or an argument that a command was given cannot be used."""
