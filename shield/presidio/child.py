"""The other side: a process that reads messages, looks at their texts with presidio, and answers with places.

It has no way out. Before presidio is imported an audit hook refuses sockets and programs, tldextract gets the list of
suffixes that lies in its package (it would fetch one else), logging is off, standard output is the pipe and nothing
else, a crash leaves no core file. It ends when the pipe from its parent closes, whatever it is doing then.
"""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import sys
import threading
from typing import IO, Any, Final

from shield.presidio import parcel
from shield.presidio.parcel import Broken

FORBIDDEN: Final = (
    "socket.",
    "subprocess.Popen",
    "os.system",
    "os.exec",
    "os.posix_spawn",
    "os.fork",
    "ftplib.",
    "urllib.",
)
_PR_SET_PDEATHSIG: Final = 1
READY: Final = b"ready"
FAILED: Final = b"failed"
FOUND: Final = b"found"


def main(model: str = "") -> None:
    """Serve until the parent is gone. *model*: name or path of a spaCy model for names; empty: none."""
    given, answers = _pipes()
    _alone()
    inbox = _Inbox(given)
    try:
        from shield.presidio.analysis import Analysis

        analysis = Analysis(model)
    except Exception as error:
        with contextlib.suppress(Broken):
            parcel.send(answers, [FAILED, type(error).__name__.encode(), _told(error).encode()])
        os._exit(1)
    with contextlib.suppress(Broken):
        parcel.send(answers, [READY, analysis.about.encode()])
        while True:
            parcel.send(answers, [FOUND, *analysis.places(inbox.next())])
    os._exit(0)


def _told(error: Exception) -> str:
    """Our own words; those of others may hold anything."""
    from shield.errors import ShieldError

    return f"{error.message}\n{error.hint}" if isinstance(error, ShieldError) else ""


def _pipes() -> tuple[IO[bytes], IO[bytes]]:
    """Standard input and output for us alone; whoever prints, prints to nowhere."""
    given, answers = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    nowhere = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nowhere, number)
    return given, answers


def _alone() -> None:
    """Take from this process what it does not need."""
    logging.disable(logging.CRITICAL)
    if sys.platform == "linux":  # the pipe tells it too, but only to a thread that gets its turn
        import ctypes

        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    sys.addaudithook(_refuse)
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        with contextlib.suppress(OSError):
            os.nice(15)


def _refuse(event: str, args: tuple[Any, ...]) -> None:
    if event.startswith(FORBIDDEN):
        raise PermissionError(event)


class _Inbox:
    """What the parent sends, read ahead by one thread: so the end of the pipe is the end, also amid a long text."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._stream = stream
        self._arrived = threading.Semaphore(0)
        self._items: list[list[bytes]] = []
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while True:
            try:
                items = parcel.receive(self._stream)
            except Broken:
                os._exit(0)
            self._items.append(items)
            self._arrived.release()

    def next(self) -> list[bytes]:
        """The next parcel."""
        self._arrived.acquire()
        return self._items.pop(0)
