"""The journal of issued pseudonyms: append-only, sealed row by row, never a value.

``issued.journal`` is one line ``shield-issued/v1`` and then rows of two bytes length (big endian), 12 bytes nonce,
and AES-256-GCM of digest (16), root (32), epoch (4) and scope. Digest and root are keyed digests already; the
seal hides the scopes, which name the sites a person was on. A row is handed to the operating system at once, so
a crash of ours loses nothing, and without fsync, so a power cut may lose the last ones: then a pseudonym that
comes back is treated as a new value.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from shield.errors import TwinError
from shield.finding import Issued
from shield.twin.file import only_writer, write_new

FIRST_LINE: Final = b"shield-issued/v1\n"
_DIGEST: Final = 16
_ROOT: Final = 32
_FIXED: Final = _DIGEST + _ROOT + 4
_SEAL: Final = 12 + 16
_LONGEST_SCOPE: Final = 1024


class Journal:
    """What was issued, in memory and on disk. Implements ``finding.Book``.

    Attributes:
        damaged: rows that could not be read when it was opened; they are left where they are.
    """

    def __init__(self, path: Path, key: bytes) -> None:
        """Load it, or begin it.

        Raises:
            TwinError: it is no journal, or cannot be written.
        """
        self._path = path
        self._cipher = AESGCM(key)
        self._rows: dict[bytes, Issued] = {}
        self._guard = threading.Lock()
        self.damaged = 0
        try:
            with only_writer(path.with_name(path.name + ".lock")):
                self._descriptor = self._begin()
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise TwinError(f"{path.name} cannot be used: {reason}", f"look at {path.parent}") from None

    def issued(self, digest: bytes) -> Issued | None:
        """The pseudonym with this digest, or None."""
        return self._rows.get(digest)

    def store(self, issued: Iterable[Issued]) -> None:
        """Remember what is about to leave; what is known already costs nothing.

        Raises:
            TwinError: the disk does not take it; the message must not leave then.
        """
        with self._guard:
            fresh = [one for one in issued if self._rows.get(one.digest) != one]
            if not fresh:
                return
            self._append(b"".join(self._row(one) for one in fresh))
            self._rows.update((one.digest, one) for one in fresh)

    def flush(self) -> None:
        """Wait until the disk has everything."""
        with self._guard:
            os.fsync(self._descriptor)

    def close(self) -> None:
        """Flush and close; further use is a mistake."""
        with self._guard:
            os.fsync(self._descriptor)
            os.close(self._descriptor)

    def __len__(self) -> int:
        return len(self._rows)

    def __repr__(self) -> str:
        return f"<Journal of {len(self._rows)} rows>"

    def _append(self, rows: bytes) -> None:
        end = os.lseek(self._descriptor, 0, os.SEEK_END)
        try:
            written = os.write(self._descriptor, rows)
            while written < len(rows):
                written += os.write(self._descriptor, rows[written:])
        except OSError as error:
            os.ftruncate(self._descriptor, end)  # half a row would hide all that follow it
            reason = (error.strerror or type(error).__name__).lower()
            raise TwinError(f"{self._path.name} cannot be written: {reason}", "free some disk space") from None

    def _begin(self) -> int:
        if not self._path.exists():
            write_new(self._path, FIRST_LINE)
        content = self._path.read_bytes()
        if FIRST_LINE.startswith(content):  # cut off inside the first line
            self._path.write_bytes(FIRST_LINE)
            content = FIRST_LINE
        if not content.startswith(FIRST_LINE):
            raise TwinError(f"{self._path.name} is no journal of this version", f"move {self._path} away")
        end = self._load(content)
        descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | getattr(os, "O_BINARY", 0))
        if end < len(content):
            os.ftruncate(descriptor, end)
        return descriptor

    def _load(self, content: bytes) -> int:
        """Read all rows; returns where the last whole one ends."""
        at = len(FIRST_LINE)
        while at + 2 <= len(content):
            size = int.from_bytes(content[at : at + 2])
            row = content[at + 2 : at + 2 + size]
            if len(row) < size:
                break
            self._take(row)
            at += 2 + size
        return at

    def _take(self, row: bytes) -> None:
        try:
            opened = self._cipher.decrypt(row[:12], row[12:], FIRST_LINE)
            scope = opened[_FIXED:].decode()
        except (InvalidTag, ValueError):
            self.damaged += 1
            return
        digest, root = opened[:_DIGEST], opened[_DIGEST : _DIGEST + _ROOT]
        self._rows[digest] = Issued(digest, scope, int.from_bytes(opened[_DIGEST + _ROOT : _FIXED]), root)

    def _row(self, issued: Issued) -> bytes:
        scope = issued.scope.encode()
        if len(issued.digest) != _DIGEST or len(issued.root) != _ROOT or len(scope) > _LONGEST_SCOPE:
            raise TwinError("a pseudonym has a digest, root or scope of the wrong length", "report this")
        nonce = os.urandom(12)
        plain = issued.digest + issued.root + issued.epoch.to_bytes(4) + scope
        sealed = nonce + self._cipher.encrypt(nonce, plain, FIRST_LINE)
        return len(sealed).to_bytes(2) + sealed
