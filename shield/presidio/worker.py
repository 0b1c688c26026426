"""Our side: one thread that hands messages to the process and takes what was found. Nobody ever waits for it.

Messages stand in a bounded queue; when it is full they are left out and counted. A text that takes too long, or that
crashes the process, costs the process: another one is started, a few times, then no more. What was being looked at then
is not tried again. Nothing is logged: what could be said about a text would be about its value.
"""

from __future__ import annotations

import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Final

from shield.message import Frame, Request
from shield.presidio import parcel
from shield.presidio.child import FAILED, FOUND, READY
from shield.presidio.message import to_items
from shield.presidio.parcel import Broken
from shield.vocabulary import CATEGORIES

QUEUE_MESSAGES: Final = 200
MESSAGE_SECONDS: Final = 5.0
START_SECONDS: Final = 120.0
RESTARTS: Final = 3
WINDOW_SECONDS: Final = 600.0
"""So many new processes in so long; after that it stays off."""

Places = list[tuple[str, str]]
"""(address with separators, category)"""
Done = Callable[[Places], None]

_CODE: Final = (
    "import sys, json; sys.path[:] = json.loads(sys.argv[1]); from shield.presidio.child import main; main(sys.argv[2])"
)


class Worker:
    """Presidio at work. Safe to use from several threads.

    Attributes:
        state: ``starting``, ``running``, ``off``.
        about: what runs, once it runs.
        trouble, hint: why it is off; our own words.
        left_out: messages that were not looked at: too many at once, too large, too slow.
        looked_at: messages that were.
    """

    def __init__(self, model: str = "", *, message_seconds: float = MESSAGE_SECONDS, code: str = _CODE) -> None:
        self.state = "starting"
        self.about = self.trouble = self.hint = ""
        self.left_out = self.looked_at = 0
        self._model = model
        self._code = code
        self._message_seconds = message_seconds
        self._waiting: queue.Queue[tuple[list[bytes], Done] | None] = queue.Queue(QUEUE_MESSAGES)
        self._settled = threading.Event()
        self._closing = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._run, name="shield-presidio", daemon=True)
        self._thread.start()

    def offer(self, message: Request | Frame, done: Done) -> bool:
        """Hand a message over, to be looked at some time; never blocks.

        Args:
            done: called in the worker's thread with what was found, if anything was.

        Returns:
            False where it will not be looked at.
        """
        items = to_items(message) if self.state != "off" else None
        if items is not None:
            with contextlib.suppress(queue.Full):
                self._waiting.put_nowait((items, done))
                return True
        self.left_out += 1
        return False

    def wait_until_settled(self, seconds: float) -> bool:
        """Wait until it runs or is off; for checks and tests."""
        return self._settled.wait(seconds)

    def close(self) -> None:
        """End the process. What still waits is not looked at."""
        self._closing.set()
        with contextlib.suppress(queue.Full):
            self._waiting.put_nowait(None)
        self._kill()
        self._thread.join(5)

    def _run(self) -> None:
        started: list[float] = []
        while not self._closing.is_set():
            started = [one for one in started if one > time.monotonic() - WINDOW_SECONDS]
            if len(started) > RESTARTS:
                self._off("it ended again and again", "turn it off: detect: {presidio: false}")
                break
            started.append(time.monotonic())
            try:
                self._serve()
            except Broken:
                pass
            except OSError as error:
                self._off(f"no process could be started ({type(error).__name__})", "look at the limits of this system")
            finally:
                self._kill()
            if self.state == "off":
                break
        self._settled.set()

    def _serve(self) -> None:
        """One life of the process; ends with Broken, or when there is no more to do."""
        self.state = "starting"
        process = self._start()
        given, answers = _pipes(process)
        with self._limit(process, START_SECONDS):
            told = parcel.receive(answers)
        if told[0] == FAILED:
            message, _, hint = b"".join(told[2:]).decode("utf-8", "replace").partition("\n")
            kind = told[1].decode("ascii", "replace") if len(told) > 1 else ""
            self._off(message or f"it cannot be used here ({kind})", hint or "uv sync")
            return
        if told[0] != READY:
            raise Broken
        self.about = told[1].decode("utf-8", "replace")
        self.state = "running"
        self._settled.set()
        while (job := self._waiting.get()) is not None and not self._closing.is_set():
            items, done = job
            try:
                with self._limit(process, self._message_seconds):
                    parcel.send(given, items)
                    found = parcel.receive(answers)
            except Broken:
                self.left_out += 1
                raise
            self.looked_at += 1
            self._hand_over(found, done)

    def _hand_over(self, found: list[bytes], done: Done) -> None:
        if found[:1] != [FOUND]:
            raise Broken
        places = _places(found[1:])
        if places:
            with contextlib.suppress(Exception):  # whoever listens must not end the thread
                done(places)

    def _start(self) -> subprocess.Popen[bytes]:
        words = [sys.executable, "-I", "-c", self._code, json.dumps(sys.path), self._model]
        kept = {name: os.environ[name] for name in ("SYSTEMROOT", "LANG", "LC_ALL", "TMPDIR") if name in os.environ}
        group = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(
            subprocess, "BELOW_NORMAL_PRIORITY_CLASS", 0
        )  # fmt: skip
        self._process = subprocess.Popen(  # noqa: S603 (our own interpreter, our own code)
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env={**kept, "OMP_NUM_THREADS": "1", "TOKENIZERS_PARALLELISM": "false", "TLDEXTRACT_CACHE": os.devnull},
            start_new_session=True, creationflags=group,
        )  # fmt: skip
        if self._closing.is_set():
            self._kill()
        return self._process

    @contextlib.contextmanager
    def _limit(self, process: subprocess.Popen[bytes], seconds: float) -> Iterator[None]:
        """Whatever takes longer loses its process: then the pipe ends."""
        timer = threading.Timer(seconds, process.kill)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _kill(self) -> None:
        process = self._process
        if process is None:
            return
        process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(5)
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _off(self, trouble: str, hint: str) -> None:
        self.trouble, self.hint, self.state = trouble, hint, "off"


def _pipes(process: subprocess.Popen[bytes]) -> tuple[IO[bytes], IO[bytes]]:
    if process.stdin is None or process.stdout is None:
        raise Broken
    return process.stdin, process.stdout


def _places(items: list[bytes]) -> Places:
    """Addresses and categories in turn; words that are no category are not believed."""
    texts = [item.decode("utf-8", "replace") for item in items]
    pairs: Iterable[tuple[str, str]] = zip(texts[::2], texts[1::2], strict=False)
    return [(address, category) for address, category in pairs if category in CATEGORIES]
