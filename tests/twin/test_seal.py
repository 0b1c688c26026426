"""The seal: what it opens, and that every change of every byte is noticed."""

from __future__ import annotations

import base64
import hmac
import json

import pytest
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.errors import TwinError
from shield.twin.seal import (
    FIRST_LINE,
    Cost,
    KeyFile,
    Lock,
    Passphrase,
    kind,
    new_lock,
    open_again,
    open_sealed,
    relock,
    seal,
)

CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
KEY = KeyFile(bytes(range(32)))
CONTENT = b'{"facts":["anna@real.example"]}'
LOCK = new_lock(KEY)
SEALED = seal(CONTENT, LOCK)


def parts(sealed: bytes) -> tuple[dict, bytes]:
    """Header and body."""
    _, header, body = sealed.split(b"\n", 2)
    return json.loads(header), body


def forged(header: dict) -> bytes:
    """A file with another header."""
    return FIRST_LINE + json.dumps(header).encode() + b"\n" + parts(SEALED)[1]


@given(st.binary(max_size=300))
@settings(max_examples=30, deadline=None)
def test_what_is_sealed_opens_again(content: bytes) -> None:
    """Any content, under a key file."""
    opened, lock = open_sealed(seal(content, LOCK), lambda _: KEY)
    assert (content, LOCK.data_key) == (opened, lock.data_key)


def test_the_recipe_is_the_documented_one() -> None:
    """Opened here by hand from what docs/twin.md says, without the code under test."""
    header, body = parts(SEALED)
    wrapped = base64.b64decode(header["key"]["wrapped"])
    about = b'shield-twin/v1\n{"kind":"keyfile"}'
    data_key = AESGCM(bytes(range(32))).decrypt(wrapped[:12], wrapped[12:], about)
    head = SEALED[: len(SEALED) - len(body)]
    assert AESGCM(data_key).decrypt(base64.b64decode(header["nonce"]), body, head) == CONTENT


def test_a_passphrase_opens_and_another_does_not() -> None:
    """Argon2id; the error names no passphrase."""
    sealed = seal(CONTENT, new_lock(Passphrase("correct horse"), CHEAP))
    assert kind(sealed) == "passphrase"
    assert open_sealed(sealed, lambda _: Passphrase("correct horse"))[0] == CONTENT
    with pytest.raises(TwinError, match="does not open") as caught:
        open_sealed(sealed, lambda _: Passphrase("incorrect horse"))
    assert "horse" not in str(caught.value)
    assert caught.value.hint


def test_a_passphrase_does_not_depend_on_the_keyboard() -> None:
    """The same letter composed and decomposed (NFC)."""
    sealed = seal(CONTENT, new_lock(Passphrase("M\u00fcller"), CHEAP))
    assert open_sealed(sealed, lambda _: Passphrase("Mu\u0308ller"))[0] == CONTENT


@pytest.mark.parametrize("secret", [KEY, Passphrase("x")], ids=["keyfile", "passphrase"])
def test_every_byte_counts(secret: KeyFile | Passphrase) -> None:
    """One flipped bit anywhere (first line, header, nonce, wrapped key, content, tag): TwinError, nothing else."""
    sealed = seal(b"x" * 20, new_lock(secret, CHEAP))
    for position in range(len(sealed)):
        changed = bytearray(sealed)
        changed[position] ^= 1
        with pytest.raises(TwinError):
            open_sealed(bytes(changed), lambda _: secret)


def test_every_truncation_is_noticed() -> None:
    """Cut at every length, and with bytes appended."""
    for length in range(len(SEALED)):
        with pytest.raises(TwinError):
            open_sealed(SEALED[:length], lambda _: KEY)
    with pytest.raises(TwinError):
        open_sealed(SEALED + b"\0", lambda _: KEY)


@given(st.binary(max_size=400))
@settings(max_examples=100, deadline=None)
def test_rubbish_is_an_error_with_a_hint(rubbish: bytes) -> None:
    """Whatever follows the first line."""
    with pytest.raises(TwinError) as caught:
        open_sealed(FIRST_LINE + rubbish, lambda _: KEY)
    assert caught.value.hint


@pytest.mark.parametrize(
    "header",
    [b"[" * 4000 + b"]" * 40, b"[]", b"1", b'{"key":1}', b'{"key":{"kind":"none"}}', b'{"key":{"kind":"keyfile"}}',
     b'{"key":{"kind":["keyfile"]}}', b"\xff", b'{"key":' * 600, b"x" * 5000],
)  # fmt: skip
def test_a_strange_header_is_an_error(header: bytes) -> None:
    """Deep, long, of wrong types, not UTF-8."""
    with pytest.raises(TwinError):
        open_sealed(FIRST_LINE + header + b"\n" + b"x" * 40, lambda _: KEY)


@pytest.mark.parametrize(
    ("name", "value"),
    [("memory_kib", 64 * 1024 * 1024), ("memory_kib", 2**63), ("memory_kib", 7), ("memory_kib", True),
     ("memory_kib", "65536"), ("memory_kib", 65536.0), ("passes", 0), ("passes", 10**9), ("lanes", 0), ("lanes", -1),
     ("lanes", 2**24), ("salt", ""), ("salt", "eA=="), ("salt", 5), ("salt", None)],
)  # fmt: skip
def test_a_forged_header_costs_nothing(name: str, value: object) -> None:
    """64 GB of Argon2 are refused before they are asked for."""
    header, _ = parts(seal(CONTENT, new_lock(Passphrase("x"), CHEAP)))
    header["key"][name] = value
    with pytest.raises(TwinError, match="damaged"):
        open_sealed(forged(header), lambda _: Passphrase("x"))


def test_another_version_says_so() -> None:
    """A later file is not called damaged."""
    with pytest.raises(TwinError, match="another version"):
        open_sealed(b"shield-twin/v2\n" + SEALED[len(FIRST_LINE) :], lambda _: KEY)


def test_every_write_has_its_own_nonce() -> None:
    """Else GCM would fall."""
    assert len({parts(seal(CONTENT, LOCK))[0]["nonce"] for _ in range(50)}) == 50


def test_relock_keeps_the_data_key_and_shuts_out_the_old_secret() -> None:
    """Personas and pseudonyms stay; the old passphrase is worth nothing on the new file."""
    changed = relock(LOCK, Passphrase("new"), CHEAP)
    sealed = seal(CONTENT, changed)
    _, lock = open_sealed(sealed, lambda _: Passphrase("new"))
    assert (lock.data_key, lock.derive("a")) == (LOCK.data_key, LOCK.derive("a"))
    with pytest.raises(TwinError):
        open_sealed(sealed, lambda _: KEY)


def test_derived_keys_differ_from_each_other_and_from_the_data_key() -> None:
    """One key per use; written out by hand (RFC 5869, section 2.3, one block), for old journals must stay readable."""
    lock = Lock(bytes(32), {"kind": "keyfile"})
    assert lock.derive("pseudonym/v1") == hmac.digest(bytes(32), b"shield/pseudonym/v1\x01", "sha256")
    assert len({lock.derive("pseudonym/v1"), lock.derive("persona/v1"), lock.derive("journal/v1"), bytes(32)}) == 4


def test_opened_again_without_the_secret() -> None:
    """Another process saved under a new passphrase: the data key is enough. Another twin: an error."""
    sealed = seal(b"later", relock(LOCK, Passphrase("new"), CHEAP))
    content, lock = open_again(sealed, LOCK)
    assert (content, lock.kind) == (b"later", "passphrase")
    with pytest.raises(TwinError):
        open_again(seal(b"other", new_lock(KEY)), LOCK)


def test_a_key_file_of_the_wrong_length() -> None:
    """Says how long it is."""
    with pytest.raises(TwinError, match="31 bytes"):
        open_sealed(SEALED, lambda _: KeyFile(b"x" * 31))


def test_no_secret_in_any_repr() -> None:
    """Lock, key file, passphrase."""
    shown = repr((LOCK, KEY, Passphrase("correct horse")))
    assert "horse" not in shown
    assert "\\x" not in shown
