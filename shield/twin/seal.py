"""The one encryption recipe (design, section 5).

A sealed file is::

    shield-twin/v1\\n
    {"key": {...}, "nonce": "..."}\\n
    <AES-256-GCM of the content under the data key, 16 bytes of tag at the end>

The data key is 32 random bytes. It is made once and never changes, because every other key is derived from
it (:meth:`Lock.derive`), and lies in the header wrapped by a second key: Argon2id of a passphrase, or a key
file of 32 random bytes. Both first lines are associated data of the content, so no byte of the file can be
changed unseen; what describes the wrapping is associated data of the wrapped key too. Every write draws a
fresh nonce. Numbers of the header are bounded before they are used: a forged header costs no memory.

Sources: NIST SP 800-38D (GCM), RFC 9106 section 4 (Argon2id, second recommended option), RFC 5869 (HKDF).
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.argon2 import Argon2id
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from shield.errors import TwinError

FIRST_LINE: Final = b"shield-twin/v1\n"
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12
TAG_BYTES: Final = 16
HEADER_LIMIT_BYTES: Final = 4096
CONTENT_LIMIT_BYTES: Final = 64 * 1024 * 1024
DAMAGED_HINT: Final = "the previous generation lies beside it, ending in .1: copy it over the damaged file"


@dataclass(frozen=True, slots=True)
class Cost:
    """What one guess of a passphrase costs: Argon2id's memory (KiB), passes and lanes."""

    memory_kib: int = 65536
    passes: int = 3
    lanes: int = 4

    def is_bearable(self) -> bool:
        """Whether it lies within what this machine may be asked to do by a header: at most 1 GiB."""
        lanes_fit = 1 <= self.lanes <= 16
        return lanes_fit and 8 * self.lanes <= self.memory_kib <= 1024 * 1024 and 1 <= self.passes <= 16


@dataclass(frozen=True, slots=True)
class Passphrase:
    """What a person types; compared after NFC, so that it does not depend on the keyboard."""

    text: str = field(repr=False)

    def key(self, wrapping: dict[str, Any]) -> bytes:
        """The wrapping key, 32 bytes. Cost: about 0.15 s and 64 MB with the default."""
        cost = Cost(*(_number(wrapping, name) for name in ("memory_kib", "passes", "lanes")))
        salt = _bytes(wrapping, "salt")
        if not cost.is_bearable() or not 16 <= len(salt) <= 64:
            raise _damaged("its header asks for an Argon2id that no version of shield writes")
        derive = Argon2id(
            salt=salt, length=KEY_BYTES, iterations=cost.passes, lanes=cost.lanes, memory_cost=cost.memory_kib
        )
        return derive.derive(unicodedata.normalize("NFC", self.text).encode(errors="surrogateescape"))


@dataclass(frozen=True, slots=True)
class KeyFile:
    """The content of a key file: 32 random bytes."""

    content: bytes = field(repr=False)

    def key(self, wrapping: dict[str, Any]) -> bytes:
        """The wrapping key is the file's content."""
        if len(self.content) != KEY_BYTES:
            size = len(self.content)
            raise TwinError(f"the key file holds {size} bytes, not {KEY_BYTES}", "restore it from a backup")
        return self.content


Secret = Passphrase | KeyFile


@dataclass(frozen=True, slots=True)
class Lock:
    """The data key of an opened file, and how it is wrapped in the header."""

    data_key: bytes = field(repr=False)
    key_header: dict[str, Any] = field(repr=False)

    @property
    def kind(self) -> str:
        """``passphrase`` or ``keyfile``."""
        return str(self.key_header["kind"])

    def derive(self, use: str) -> bytes:
        """A key of 32 bytes for one use, e.g. ``pseudonym/v1``; from it the data key cannot be found."""
        return HKDFExpand(algorithm=SHA256(), length=KEY_BYTES, info=b"shield/" + use.encode()).derive(self.data_key)


def new_lock(secret: Secret, cost: Cost | None = None) -> Lock:
    """Draw a data key and wrap it."""
    return _wrap(os.urandom(KEY_BYTES), secret, cost)


def relock(lock: Lock, secret: Secret, cost: Cost | None = None) -> Lock:
    """Wrap the same data key under another secret: personas and pseudonyms stay what they are."""
    return _wrap(lock.data_key, secret, cost)


def seal(content: bytes, lock: Lock) -> bytes:
    """Seal *content* under a fresh nonce."""
    nonce = os.urandom(NONCE_BYTES)
    header = {"key": lock.key_header, "nonce": _text(nonce)}
    head = FIRST_LINE + json.dumps(header, separators=(",", ":"), sort_keys=True).encode() + b"\n"
    return head + AESGCM(lock.data_key).encrypt(nonce, content, head)


def kind(sealed: bytes) -> str:
    """What opens it: ``passphrase`` or ``keyfile``.

    Raises:
        TwinError: it is no sealed file, or its header is damaged.
    """
    return str(_key_header(_split(sealed)[1])["kind"])


def open_sealed(sealed: bytes, secret: Callable[[str], Secret]) -> tuple[bytes, Lock]:
    """Open a sealed file.

    Args:
        secret: asked once for the secret of the kind that the header names.

    Raises:
        TwinError: wrong secret, truncated, tampered with, or of a version that we do not know.
    """
    key_header = _key_header(_split(sealed)[1])
    return open_again(sealed, Lock(_unwrap(key_header, secret(str(key_header["kind"]))), key_header))


def open_again(sealed: bytes, lock: Lock) -> tuple[bytes, Lock]:
    """Open what another process wrote since, without asking for the secret: the data key is the same.

    Raises:
        TwinError: as open_sealed, or it is another twin.
    """
    head, header, body = _split(sealed)
    key_header = _key_header(header)
    nonce = _bytes(header, "nonce")
    if len(nonce) != NONCE_BYTES or len(body) < TAG_BYTES:
        raise _damaged("it is cut off")
    try:
        return AESGCM(lock.data_key).decrypt(nonce, body, head), Lock(lock.data_key, key_header)
    except InvalidTag:
        raise _damaged("it was cut off or changed after it was written, or is another twin") from None


def _wrap(data_key: bytes, secret: Secret, cost: Cost | None) -> Lock:
    wrapping: dict[str, Any]
    if isinstance(secret, KeyFile):
        wrapping = {"kind": "keyfile"}
    else:
        cost = cost or Cost()
        wrapping = {
            "kind": "passphrase", "kdf": "argon2id", "salt": _text(os.urandom(16)),
            "memory_kib": cost.memory_kib, "passes": cost.passes, "lanes": cost.lanes,
        }  # fmt: skip
    nonce = os.urandom(NONCE_BYTES)
    wrapped = AESGCM(secret.key(wrapping)).encrypt(nonce, data_key, _about(wrapping))
    return Lock(data_key, {**wrapping, "wrapped": _text(nonce + wrapped)})


def _unwrap(key_header: dict[str, Any], secret: Secret) -> bytes:
    wrapped = _bytes(key_header, "wrapped")
    if len(wrapped) != NONCE_BYTES + KEY_BYTES + TAG_BYTES:
        raise _damaged("its wrapped key has the wrong length")
    wrapping = {name: value for name, value in key_header.items() if name != "wrapped"}
    key = secret.key(wrapping)
    try:
        return AESGCM(key).decrypt(wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:], _about(wrapping))
    except InvalidTag:
        what = "passphrase" if isinstance(secret, Passphrase) else "key file"
        raise TwinError(
            f"the {what} does not open the twin, or its header was changed",
            f"try the {what} again; " + DAMAGED_HINT,
        ) from None


def _split(sealed: bytes) -> tuple[bytes, dict[str, Any], bytes]:
    """First lines, parsed header, sealed body."""
    if not sealed.startswith(FIRST_LINE):
        if sealed.startswith(b"shield-twin/"):
            raise TwinError("the twin was written by another version of shield", "update shield")
        raise _damaged("it does not begin with shield-twin/v1")
    if len(sealed) > CONTENT_LIMIT_BYTES:
        raise _damaged(f"it is larger than {CONTENT_LIMIT_BYTES} bytes")
    end = sealed.find(b"\n", len(FIRST_LINE), len(FIRST_LINE) + HEADER_LIMIT_BYTES)
    if end < 0:
        raise _damaged("its header does not end")
    try:
        header = json.loads(sealed[len(FIRST_LINE) : end])
    except (ValueError, RecursionError):
        raise _damaged("its header is no JSON") from None
    if not isinstance(header, dict):
        raise _damaged("its header is no JSON object")
    return sealed[: end + 1], header, sealed[end + 1 :]


def _key_header(header: dict[str, Any]) -> dict[str, Any]:
    key = header.get("key")
    if not isinstance(key, dict) or key.get("kind") not in ("passphrase", "keyfile"):
        raise _damaged("its header does not say how the key is wrapped")
    return key


def _about(wrapping: dict[str, Any]) -> bytes:
    return FIRST_LINE + json.dumps(wrapping, separators=(",", ":"), sort_keys=True).encode()


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _bytes(header: dict[str, Any], name: str) -> bytes:
    value = header.get(name)
    try:
        return base64.b64decode(value if isinstance(value, str) else "?", validate=True)
    except (binascii.Error, ValueError):
        raise _damaged(f"its header lacks a valid '{name}'") from None


def _number(header: dict[str, Any], name: str) -> int:
    value = header.get(name)
    if type(value) is not int:
        raise _damaged(f"its header lacks a valid '{name}'")
    return value


def _damaged(what: str) -> TwinError:
    return TwinError(f"the twin is damaged: {what}", DAMAGED_HINT)
