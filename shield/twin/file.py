"""Files that hold what is private: mode 0600, replaced whole, one writer at a time."""

from __future__ import annotations

import contextlib
import os
import secrets
import sys
from collections.abc import Iterator
from pathlib import Path

from shield.errors import TwinError


def write_whole(path: Path, content: bytes, *, backup: bool = False) -> None:
    """Replace a file so that, whenever the machine stops, the old or the new content is there whole.

    A temporary file in the same folder (mode 0600), fsync, rename, fsync of the folder. With *backup* what
    stood there stays as ``NAME.1``. What a crash left of temporary files goes with the next write.

    Raises:
        TwinError: the folder cannot be written.
    """
    try:
        for stale in path.parent.glob(f".{path.name}.*.new"):
            stale.unlink(missing_ok=True)
        fresh = path.parent / f".{path.name}.{secrets.token_hex(6)}.new"
        write_new(fresh, content)
        if backup and path.exists():
            _keep(path)
        fresh.replace(path)
        _settle(path.parent)
    except OSError as error:
        raise TwinError(f"{path.name} cannot be written: {_reason(error)}", f"look at {path.parent}") from None


def write_new(path: Path, content: bytes) -> None:
    """Make a file of mode 0600 that did not exist, and wait until the disk has it."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_NOFOLLOW", 0), 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def read_whole(path: Path, limit_bytes: int) -> bytes:
    """Read a file of ours.

    Raises:
        TwinError: not there, not readable, larger than *limit_bytes*.
    """
    try:
        with path.open("rb") as file:
            content = file.read(limit_bytes + 1)
    except FileNotFoundError:
        raise TwinError(f"there is no {path.name} in {path.parent}", "shield twin init") from None
    except OSError as error:
        raise TwinError(f"{path.name} cannot be read: {_reason(error)}", f"look at {path}") from None
    if len(content) > limit_bytes:
        raise TwinError(f"{path.name} is larger than {limit_bytes} bytes", f"look at {path}")
    return content


@contextlib.contextmanager
def only_writer(path: Path) -> Iterator[None]:
    """Hold the lock *path* (a file of its own, for the locked file is replaced): between processes and threads."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise TwinError(f"{path.name} cannot be opened: {_reason(error)}", f"look at {path.parent}") from None
    try:
        _lock(descriptor)
        yield
    finally:
        os.close(descriptor)  # which unlocks


def _lock(descriptor: int) -> None:
    if sys.platform == "win32":
        import msvcrt

        msvcrt.locking(descriptor, msvcrt.LK_LOCK, 1)
    else:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX)


def is_private(path: Path) -> bool:
    """Whether nobody but the owner can read it; always so where there are no such modes."""
    return sys.platform == "win32" or path.stat().st_mode & 0o077 == 0


def _keep(path: Path) -> None:
    """Let the present content be ``NAME.1`` too. A link, so that *path* exists at every moment."""
    kept = path.parent / f"{path.name}.1"
    linked = path.parent / f".{path.name}.{secrets.token_hex(6)}.new"
    try:
        os.link(path, linked)
    except OSError:  # FAT, some network disks
        write_new(linked, path.read_bytes())
    linked.replace(kept)


def _settle(folder: Path) -> None:
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _reason(error: OSError) -> str:
    return (error.strerror or type(error).__name__).lower()
