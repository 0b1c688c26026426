"""The forms and disguises in which a value travels: pure functions, shared by detect and transform.

A fact has *forms* (an e-mail as typed, lower case, its local part; a phone in E.164 and national ...).
A form is written in a *disguise*: a normalisation, perhaps a digest, then encodings. ``Disguise.write``
makes the bytes; detect writes all of them for every fact and searches; transform writes the persona's
value in the disguise that was found.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Disguise:
    """One way of writing a form.

    Attributes:
        normal: name of a normalisation: ``plain``, ``lower``, ``meta``, ``google``, ``amazon`` ...
        digest: ``""``, ``md5``, ``sha1`` or ``sha256``.
        encodings: outermost last: ``percent``, ``hex``, ``HEX``, ``base64``, ``base64url`` ...
    """

    normal: str = "plain"
    digest: str = ""
    encodings: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """For reports: ``sha256 (google) base64url``; empty for the plain value."""
        digest = f"{self.digest} ({self.normal})" if self.digest else ""
        return " ".join(filter(None, (digest, *self.encodings)))
