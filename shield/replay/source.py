"""Open a recording, tell what it is, and read it record by record.

What a file is shows in its first bytes, not in its name: two bytes of gzip, the length that a mitmproxy
flow begins with, a HAR's ``log``, and else JSON Lines. A file that is no recording is an InputError; a
record that is none is one :class:`Failure`, and the reading goes on.
"""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, cast

from shield.errors import InputError
from shield.replay.har import entry_form
from shield.replay.record import Json, Record, RecordError, read_record
from shield.replay.splitter import LIMIT_BYTES, Broken, NoEntriesError, entries

Kind = Literal["har", "jsonl", "flows"]
FlowForms = Callable[[BinaryIO], Iterator["Json | str"]]
"""Reads a flow file: a record's object for each flow, or why there is none (``proxy.flows.forms``)."""

_PEEK_BYTES = 64 << 10
_FLOWS = re.compile(rb"\d+:\d+:")  # a tnetstring whose first member is one
_HAR = re.compile(rb"(?:\xef\xbb\xbf)?\s*\{\s*\"log\"\s*:")


@dataclass(frozen=True, slots=True)
class Failure:
    """A place of the recording that gave no record."""

    id: object
    error: str

    def form(self) -> Json:
        """As replay writes it."""
        return {"id": self.id, "error": self.error}


class Source:
    """An open recording.

    Attributes:
        size_bytes: of the file on disk, None for a pipe.
    """

    def __init__(self, raw: BinaryIO, name: str, size_bytes: int | None) -> None:
        self._raw = raw
        self.size_bytes = size_bytes
        self.stream = _unpacked(raw)
        self.kind = _kind(self.stream, name)

    def position(self) -> int:
        """Bytes of the file that were read, for a progress bar; 0 for a pipe."""
        return self._raw.tell() if self.size_bytes is not None else 0

    def close(self) -> None:
        """Close the file; standard input stays open."""
        if self.size_bytes is not None:
            self._raw.close()


def open_source(path: str) -> Source:
    """Open a file, or ``-`` for standard input.

    Raises:
        InputError: it is not there, cannot be read, or is empty.
    """
    try:
        if path == "-":
            return Source(sys.stdin.buffer, "-", None)
        file = Path(path)
        raw = file.open("rb")
        try:
            return Source(raw, file.name, file.stat().st_size)
        except BaseException:
            raw.close()
            raise
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else "it is damaged"
        raise InputError(f"cannot read {path}: {reason.lower()}", "name a HAR, a flow file or JSON Lines") from None


def _unpacked(raw: BinaryIO) -> io.BufferedReader:
    outer = raw if isinstance(raw, io.BufferedReader) else io.BufferedReader(cast("io.RawIOBase", raw))
    if outer.peek(2)[:2] != b"\x1f\x8b":
        return outer
    return io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(fileobj=outer)), _PEEK_BYTES)


def _kind(stream: io.BufferedReader, name: str) -> Kind:
    head = stream.peek(_PEEK_BYTES)
    if _FLOWS.match(head):
        return "flows"
    if _HAR.match(head) or name.removesuffix(".gz").endswith(".har"):
        return "har"
    return "jsonl"


def records(source: Source, flow_forms: FlowForms | None = None) -> Iterator[Record | Failure]:
    """Every record in order, each read when it is asked for.

    Raises:
        InputError: the file is no recording at all.
    """
    if source.kind == "har":
        return _har(source)
    if source.kind == "jsonl":
        return _jsonl(source.stream)
    if flow_forms is None:
        raise InputError("flow files cannot be read here", "convert it: mitmdump -nr FILE --set hardump=FILE.har")
    return _flows(source, flow_forms)


def _har(source: Source) -> Iterator[Record | Failure]:
    number = 0
    try:
        for number, item in enumerate(entries(source.stream), 1):
            if isinstance(item, Broken):
                yield Failure(number, f"entry {number}: {item.reason}")
                continue
            try:
                form, entry = entry_form(item.raw)
                yield read_record(form, number, entry)
            except RecordError as error:
                yield Failure(number, f"entry {number}: {error}")
    except NoEntriesError as error:
        raise InputError(f"this is no HAR: {error}", "export it again from the browser's network panel") from None
    except (OSError, zlib.error):
        yield Failure(number + 1, f"entry {number + 1}: the file is damaged here")


def _jsonl(stream: io.BufferedReader) -> Iterator[Record | Failure]:
    number = 0
    try:
        for number, line in enumerate(_lines(stream), 1):
            if line is None or line.strip():
                yield _line(line, number)
    except EOFError:
        yield Failure(number + 1, f"line {number + 1}: the file is cut off here")
    except (OSError, zlib.error):
        yield Failure(number + 1, f"line {number + 1}: the file is damaged here")


def _lines(stream: io.BufferedReader) -> Iterator[bytes | None]:
    """Lines; None for one above the limit, which is not kept."""
    while line := stream.readline(LIMIT_BYTES):
        if len(line) < LIMIT_BYTES or line.endswith(b"\n"):
            yield line
            continue
        while line and not line.endswith(b"\n"):
            line = stream.readline(LIMIT_BYTES)
        yield None


def _line(line: bytes | None, number: int) -> Record | Failure:
    if line is None:
        return Failure(number, f"line {number}: longer than {LIMIT_BYTES >> 20} MB")
    try:
        form = json.loads(line.removeprefix(b"\xef\xbb\xbf") if number == 1 else line)
    except (ValueError, RecursionError):
        return Failure(number, f"line {number}: no JSON")
    if not isinstance(form, dict):
        return Failure(number, f"line {number}: no JSON object")
    try:
        return read_record(form, number)
    except RecordError as error:
        return Failure(form.get("id", number), f"line {number}: {error}")


def _flows(source: Source, flow_forms: FlowForms) -> Iterator[Record | Failure]:
    for number, form in enumerate(flow_forms(source.stream), 1):
        if isinstance(form, str):
            yield Failure(number, f"flow {number}: {form}")
            continue
        try:
            yield read_record(form, number)
        except RecordError as error:
            yield Failure(number, f"flow {number}: {error}")
