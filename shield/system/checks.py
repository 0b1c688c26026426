"""Doctor's checks: each looks at one thing and says ok, warn or fail, with a hint that can be typed.

A check never raises and never changes anything. It names files and modes, no values.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata, util
from pathlib import Path
from typing import Literal

from shield.errors import ShieldError

State = Literal["ok", "warn", "fail"]
_OLDEST_CLOCK = 1_767_225_600  # 2026-01-01: earlier than this version, so the clock is wrong
_MINIMUM_MITMPROXY = (12, 2, 3)


@dataclass(frozen=True, slots=True)
class Check:
    """What one check found."""

    name: str
    state: State
    message: str
    hint: str = ""


LIMITS = (
    "your IP address is seen by every server; a proxy does not hide it",
    "scripts in a page can still fingerprint the browser",
    "where you are signed in, the service knows who you are",
    "pinned apps and QUIC cannot be read; through a proxy browsers fall back from QUIC to TCP",
    "what a server passes on to another server is out of sight",
)
"""What a proxy cannot do (design, section 8)."""


def all_checks(
    home: Path, port: int, *, files: tuple[Path, Path, Path], policy: Callable[[], str], twin: Callable[[], str],
    presidio: Callable[[], str],
) -> Iterator[Check]:  # fmt: skip
    """Every check, in the order in which things are needed.

    Args:
        files: twin, key file and CA key, where they would be.
        policy: loads the rules and runs their examples; returns what it found in words, raises ShieldError.
        twin: opens the twin; the same.
        presidio: tries presidio, where it is wanted; the same.
    """
    yield python()
    yield mitmproxy()
    yield certificates()
    yield no_stand_ins()
    yield clock()
    yield from folder(home)
    for path in files:
        yield from private(path)
    yield told("rules", policy)
    yield told("twin", twin)
    yield told("presidio", presidio)
    yield listening(port)
    yield Check("quic", "ok", "not read; if pages pass by the proxy, turn it off in the browser")


def python() -> Check:
    """The version of Python."""
    numbers = tuple(sys.version_info[:3])
    version = ".".join(map(str, numbers))
    if numbers < (3, 13):
        return Check("python", "fail", version, "3.13 or later is needed: uv python install 3.13")
    return Check("python", "ok", version)


def mitmproxy() -> Check:
    """The version of mitmproxy; a later major version may hook differently."""
    try:
        version = metadata.version("mitmproxy")
    except metadata.PackageNotFoundError:
        return Check("mitmproxy", "fail", "not installed", "uv sync")
    numbers = tuple(int(part) for part in version.split(".")[:3] if part.isdigit())
    if numbers < _MINIMUM_MITMPROXY or numbers >= (13,):
        return Check("mitmproxy", "fail", f"{version} was never tried", "uv sync")
    return Check("mitmproxy", "ok", version)


def certificates() -> Check:
    """Servers' certificates are verified with certifi's list."""
    if util.find_spec("certifi") is None:
        return Check("certifi", "fail", "not installed, so no server can be verified", "uv sync")
    return Check("certifi", "ok", metadata.version("certifi"))


def no_stand_ins() -> Check:
    """A package that exchanges certificate verification under everybody's feet."""
    if util.find_spec("emudhra") is not None:
        return Check("emudhra", "fail", "is installed and changes what is trusted", "uv pip uninstall emudhra")
    return Check("emudhra", "ok", "not installed")


def clock() -> Check:
    """Certificates made by a wrong clock are not valid."""
    if time.time() < _OLDEST_CLOCK:
        return Check("clock", "fail", "is before 2026", "set the time; certificates depend on it")
    return Check("clock", "ok", time.strftime("%Y-%m-%d %H:%M %Z"))


def folder(home: Path) -> Iterator[Check]:
    """The home folder: there, and nobody else's business."""
    if not home.exists():
        yield Check("home", "warn", f"{home} is not there yet", "shield run makes it, or shield twin init")
        return
    yield _private("home", home)


def private(path: Path) -> Iterator[Check]:
    """A file that holds a secret, if it is there."""
    if path.exists():
        yield _private(path.name, path)


def _private(name: str, path: Path) -> Check:
    if os.name == "nt":
        return Check(name, "ok", f"{path} (modes are not looked at on Windows)")
    status = path.stat()
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o077:
        wanted = "700" if path.is_dir() else "600"
        return Check(name, "fail", f"others can get at {path} (mode {mode:04o})", f"chmod {wanted} '{path}'")
    if status.st_uid != os.getuid():
        return Check(name, "warn", f"{path} belongs to somebody else", f"sudo chown $USER '{path}'")
    return Check(name, "ok", f"{path} (mode {mode:04o})")


def told(name: str, look: Callable[[], str]) -> Check:
    """What a part of Shield says about itself."""
    try:
        return Check(name, "ok", look())
    except MissingError as missing:
        return Check(name, "warn", missing.message, missing.hint)
    except ShieldError as error:
        return Check(name, "fail", error.message, error.hint)


class MissingError(ShieldError):
    """Not there yet; no fault."""


def listening(port: int) -> Check:
    """Whether somebody listens where the proxy would."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=0.5):
            return Check("port", "ok", f"something listens on 127.0.0.1:{port}; if it is shield run, all is well")
    except OSError:
        pass
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            taken = error.errno == errno.EADDRINUSE
            why = "is taken" if taken else f"cannot be used ({(error.strerror or 'refused').lower()})"
            return Check("port", "fail", f"127.0.0.1:{port} {why}", "shield run --port 8081")
    return Check("port", "ok", f"127.0.0.1:{port} is free; the proxy is not running")
