"""TLS handshakes: our authority, what origins speak, and clients that refuse our certificate.

- The CA is an EC P-256 key made on the first run. mitmproxy signs each host's certificate with it and uses
  the same key for them, so they are P-256 too (signing 22 µs instead of 245).
- With ``connection_strategy=lazy`` ALPN is answered before the origin was asked. An origin found to speak
  only HTTP/1.1 is remembered for this run and ``http/1.1`` is what clients are offered for it from then on;
  else each HTTP/2 request to it would open a connection of its own.
- A client that refuses our certificate is refused: it sees a failed handshake. Only a client for which our
  CA has worked before (same address, same way of saying hello) is taken for an app that pins this one
  host: it may pass for ten minutes. Otherwise any program could open a host by failing once.
"""

from __future__ import annotations

import datetime
import hashlib
import os
import time
from collections import Counter
from pathlib import Path
from typing import Final
from weakref import WeakKeyDictionary

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from mitmproxy.connection import Client
from mitmproxy.tls import ClientHello, ClientHelloData, TlsData

from shield.proxy.hosts import normal

CA_FILE: Final = "mitmproxy-ca.pem"
"""Key and certificate, where mitmproxy's CertStore looks for them (CONF_BASENAME)."""
CERTIFICATE_FILE: Final = "shield-ca.crt"
CA_DAYS: Final = 3650
PASS_SECONDS: Final = 600
REMEMBERED: Final = 4096
ECH: Final = 0xFE0D
"""encrypted_client_hello (RFC 9849)."""
DISTRUST: Final = ("unknown ca", "bad certificate", "certificate unknown")
"""Alerts with which clients refuse a certificate (RFC 8446, section 6.2)."""


def ensure_ca(folder: Path) -> Path:
    """Make the CA unless it is there; return the certificate that devices are to trust.

    The file with the key has mode 0600: whoever has it can read this machine's traffic.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    both, certificate = folder / CA_FILE, folder / CERTIFICATE_FILE
    if not both.exists():
        key, made = _make_ca()
        pem = made.public_bytes(serialization.Encoding.PEM)
        _write(certificate, pem, 0o644)
        _write(both, _private(key) + pem, 0o600)
    elif not certificate.exists():
        made = x509.load_pem_x509_certificate(both.read_bytes())
        _write(certificate, made.public_bytes(serialization.Encoding.PEM), 0o644)
    return certificate


def _make_ca() -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    key = ec.generate_private_key(ec.SECP256R1())
    today = datetime.datetime.now(datetime.UTC)
    name = x509.Name(
        [
            x509.NameAttribute(NameOID.COMMON_NAME, f"Shield on this machine, {today:%Y-%m-%d}"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Shield"),
        ]
    )
    usage = x509.KeyUsage(
        digital_signature=False, content_commitment=False, key_encipherment=False, data_encipherment=False,
        key_agreement=False, key_cert_sign=True, crl_sign=True, encipher_only=False, decipher_only=False,
    )  # fmt: skip
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .serial_number(x509.random_serial_number())
        .public_key(key.public_key())
        .not_valid_before(today - datetime.timedelta(days=2))
        .not_valid_after(today + datetime.timedelta(days=CA_DAYS))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(usage, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )
    return key, builder.sign(key, hashes.SHA256())


def _private(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _write(path: Path, content: bytes, mode: int) -> None:
    """Write beside and rename: a crash leaves no half a key, and the mode is right from the first byte."""
    beside = path.with_name(path.name + ".new")
    beside.unlink(missing_ok=True)
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)


class Handshakes:
    """What handshakes have shown, for this run and in memory only."""

    def __init__(self, counters: Counter[str]) -> None:
        self._counters = counters
        self._speaks_http1: dict[str, None] = {}
        self._greetings: WeakKeyDictionary[Client, tuple[str, bool]] = WeakKeyDictionary()
        self._trusting: dict[str, None] = {}
        self._passing: dict[tuple[str, str], float] = {}
        self.refusals: Counter[str] = Counter()

    def said_hello(self, data: ClientHelloData) -> None:
        """Note who says hello; let a client pass that pinned this host a moment ago."""
        context = data.context
        encrypted = any(kind == ECH for kind, _ in data.client_hello.extensions)
        who = greeting(context.client, data.client_hello)
        self._greetings[context.client] = (who, encrypted)
        data.establish_server_tls_first = False
        until = self._passing.get((who, _host_of(data)))
        if until is not None and until > time.monotonic():
            self._counters["not looked at: pinned"] += 1
            data.ignore_connection = True

    def has_ech(self, client: Client) -> bool:
        """Whether the client's real name may have been encrypted, so that its SNI says nothing."""
        return self._greetings.get(client, ("", False))[1]

    def offers(self, data: TlsData) -> None:
        """Before the client's handshake: no HTTP/2 for an origin that does not speak it."""
        if _host_of(data) in self._speaks_http1 and data.ssl_conn is not None:
            data.ssl_conn.get_app_data()["http2"] = False

    def works_for(self, client: Client) -> None:
        """A request came over a handshake with our certificate: this client trusts the CA."""
        known = self._greetings.get(client)
        if known is not None and known[0] not in self._trusting:
            _remember(self._trusting, known[0])

    def origin_speaks(self, data: TlsData) -> None:
        """After the origin's handshake: did it choose HTTP/2 when it could?"""
        if b"h2" in data.conn.alpn_offers and data.conn.alpn != b"h2":
            _remember(self._speaks_http1, _host_of(data))

    def refused(self, data: TlsData) -> str | None:
        """A handshake with a client failed; return the host if our certificate was the reason."""
        if not isinstance(data.conn, Client) or not any(alert in (data.conn.error or "") for alert in DISTRUST):
            return None
        host = _host_of(data)
        self._counters["refused our certificate"] += 1
        if len(self.refusals) < REMEMBERED or host in self.refusals:
            self.refusals[host] += 1
        who = self._greetings.get(data.conn, ("", False))[0]
        if who in self._trusting and len(self._passing) < REMEMBERED:
            self._passing[who, host] = time.monotonic() + PASS_SECONDS
        return host


def greeting(client: Client, hello: ClientHello) -> str:
    """Who a client is, as far as a hello tells: its address, ciphers and extensions.

    GREASE values (RFC 8701) are drawn anew each time and left out; extensions are sorted, browsers shuffle
    them.
    """
    ciphers = [one for one in hello.cipher_suites if not _is_grease(one)]
    extensions = sorted(kind for kind, _ in hello.extensions if not _is_grease(kind))
    seen = f"{client.peername[0] if client.peername else ''}|{ciphers}|{extensions}"
    return hashlib.sha256(seen.encode()).hexdigest()


def _is_grease(value: int) -> bool:
    return value & 0x0F0F == 0x0A0A and value >> 8 == value & 0xFF


def _host_of(data: ClientHelloData | TlsData) -> str:
    """The host a handshake is about: the CONNECT name, else the name in the hello."""
    address = data.context.server.address
    return normal(address[0] if address else data.context.client.sni or "")


def _remember[Key](known: dict[Key, None], key: Key) -> None:
    """Add to a memory of bounded size; the oldest goes."""
    known[key] = None
    while len(known) > REMEMBERED:
        del known[next(iter(known))]
