r"""The head of a part: its name, its file name, and the other header lines (RFC 7578 section 4, RFC 2183, RFC 8187).

Names come quoted, bare, or as ``name*=UTF-8''...``. In quotes browsers escape three bytes, ``%22 %0D %0A`` (WHATWG
HTML, "multipart/form-data encoding algorithm"), older clients write ``\"`` and ``\\``; any other percent or backslash
is itself (``C:\Users``). Bytes that are no UTF-8 stay. Edits: file names (every copy of one is a field of its own),
values of other lines. Only read: names of parts, names of lines, other parameters of Content-Disposition. A stripped
file name becomes ``file`` with its old ending, for a part without one is no file any more; a stripped line keeps its
name.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple
from urllib.parse import unquote_to_bytes

from shield.errors import Unwritable
from shield.tree import Layer
from shield.wire.names import PERCENT
from shield.wire.percent import Percent

_END: Final = re.compile(rb"\r?\n\r?\n")
_LINE: Final = re.compile(rb"([^\s:]{1,256})[ \t]*:[ \t]*+((?:[^\r\n]|\r?\n[ \t]|\r(?!\n))*+)(?:\r?\n|\Z)")
_ANY_LINE: Final = re.compile(rb"[^\n]*\n|[^\n]+\Z")
_PARAMETER: Final = re.compile(
    rb';\s*+([^=;\s"]{1,64})\s*+=\s*+(?:"((?:[^"\\]|\\.)*+)"|([^";\s][^;\r\n]*+)?)', re.DOTALL
)
_EXTENDED: Final = re.compile(rb"[A-Za-z0-9!#$%&+^_`{}~-]*'[A-Za-z0-9-]*'")
_PLAIN: Final = re.compile(rb'(?i:content-disposition): ?form-data; ?name="(?!=\?)([^"\\%\r\n]*)"\r?\n')
_ESCAPED: Final = re.compile(rb'%22|%0[DdAa]|\\["\\]')
_OPENED: Final = {b"%22": b'"', b"%0d": b"\r", b"%0a": b"\n", b'\\"': b'"', b"\\\\": b"\\"}
_ENDING: Final = re.compile(rb"\.[A-Za-z0-9]{1,5}\Z")
_STATED: Final = re.compile(rb"\s*+[A-Za-z-]++\s*+(?:" + _PARAMETER.pattern + rb"\s*+)*+;?\s*+", re.DOTALL)
"""Content-Disposition as RFC 2183 has it."""
_IN_PIECES: Final = re.compile(rb"name\*\d+\*?")
_BACKSLASH: Final = re.compile(rb"\\(.)", re.DOTALL)
_CONTROL: Final = re.compile(rb"[\r\n\0]")


def _open_quoted(raw: bytes) -> bytes:
    return _ESCAPED.sub(lambda match: _OPENED[match[0].lower()], raw)


class Quoted:
    """The layer of a value in quotes."""

    name = "quoted"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Escape in the manner of *raw*: with backslashes where it shows some, else as browsers do.

        Raises:
            Unwritable: what would be read as something else, e.g. ``%22`` as it stands.
        """
        if b'\\"' in raw or b"\\\\" in raw:
            written = content.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        else:
            written = content.replace(b'"', b"%22")
        written = written.replace(b"\r", b"%0D").replace(b"\n", b"%0A")
        if _open_quoted(written) != content or b"\0" in content:
            raise Unwritable("a quoted name cannot carry this value")
        return written


class Bare:
    """The layer of a value without quotes; it gets them when it needs them."""

    name = "bare"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """Write *content*, quoted unless it is a token."""
        return content if re.fullmatch(rb"[\w.-]+", content) else b'"' + QUOTED.close(content, b"") + b'"'


class Line:
    """The layer of a header line's value."""

    name = "line"

    def close(self, content: bytes, raw: bytes) -> bytes:
        """The same bytes.

        Raises:
            Unwritable: they would end the line.
        """
        if _CONTROL.search(content):
            raise Unwritable("a header line of a part cannot carry CR, LF or NUL")
        return content


QUOTED: Final = Quoted()
BARE: Final = Bare()
LINE: Final = Line()
EXTENDED: Final = Percent(plus_is_space=False, space=b"%20", never=b"\"'()*,/:;<=>?@[\\]{}%")


class Value(NamedTuple):
    """One value in the head: where it stands in the part, and how it is opened.

    Attributes:
        name: of the line in lower case; ``filename`` for a file name.
        gone: what stays when it is stripped.
    """

    name: bytes
    start: int
    end: int
    content: bytes
    layer: Layer
    gone: bytes = b""


class Head(NamedTuple):
    """What the head of a part says.

    Attributes:
        name: opened; None where it has none.
        values: in the order of the bytes.
        kind, transfer: Content-Type and Content-Transfer-Encoding, empty where they are missing.
        body: where the body begins in the part.
        is_odd: it names more than one field, or in a way that servers read differently.
        missing: line ends that have to come before a body, for there is no blank line.
    """

    name: bytes | None
    values: tuple[Value, ...]
    kind: bytes
    transfer: bytes
    body: int
    missing: bytes = b""
    is_odd: bool = False


def read_head(part: bytes, line_end: bytes) -> Head:
    """What the head of *part* says (the bytes between two delimiters); never raises.

    Args:
        line_end: CR LF or LF, as the delimiters have it.

    Cost: linear in the head, 1 µs where it holds a name alone.
    """
    if part.startswith((b"\r\n", b"\n")):
        return Head(None, (), b"", b"", 2 if part[:1] == b"\r" else 1)
    plain = _PLAIN.match(part)
    if plain is not None and part.startswith((b"\r\n", b"\n"), plain.end()):
        return Head(plain[1], (), b"", b"", plain.end() + (2 if part[plain.end()] == 13 else 1))
    end = _END.search(part)
    if end is not None:
        return _read(part, end.start() + (part[end.start()] == 13) + 1, end.end(), b"")
    return _read(part, len(part), len(part), line_end if part.endswith(b"\n") else 2 * line_end)


def _read(part: bytes, stop: int, body: int, missing: bytes) -> Head:
    return head_lines(part, 0, stop)._replace(body=body, missing=missing)


def head_lines(part: bytes, position: int, stop: int) -> Head:
    """What the header lines in this span say; its end is taken for the beginning of the body."""
    name: bytes | None = None
    values: list[Value] = []
    said = {b"content-type": b"", b"content-transfer-encoding": b""}
    readings: set[bytes | None] = set()
    while position < stop:
        line = _LINE.match(part, position, stop)
        if line is None:  # no header line: searched as it stands
            other = _ANY_LINE.match(part, position, stop)
            position = other.end() if other else stop
            continue
        position = line.end()
        key, (start, end) = line[1].lower(), line.span(2)
        if key == b"content-disposition":
            found, files = _disposition(part, start, end, readings)
            name = found if name is None else name
            values += files
            continue
        if key in said and not said[key]:
            said[key] = line[2].strip()
        values.append(Value(key, start, end, line[2], LINE))
    is_odd = len(readings) > 1
    return Head(
        name, tuple(values), said[b"content-type"], said[b"content-transfer-encoding"].lower(), stop, b"", is_odd
    )


def _disposition(
    part: bytes, start: int, end: int, readings: set[bytes | None]
) -> tuple[bytes | None, list[Value]]:  # fmt: skip
    """Name and file names of one line; a plain name counts before ``name*``.

    *readings* gets every name that some server would read: None for one in pieces (RFC 2231), PHP takes off single
    quotes, others a backslash wherever it stands.
    """
    names: dict[bytes, bytes] = {}
    files: list[Value] = []
    if _STATED.fullmatch(part, start, end) is None or b"=?" in part[start:end]:
        readings |= {None, b""}  # not as RFC 2183 has it: whoever reads it makes of it what they want
    for match in _PARAMETER.finditer(part, start, end):
        key = match[1].lower()
        if _IN_PIECES.fullmatch(key):
            readings |= {None, b""}
        if key.rstrip(b"*") not in (b"name", b"filename"):
            continue
        layer: Layer = BARE
        at, stop = match.span(3)
        if match[2] is not None:
            (at, stop), layer = match.span(2), QUOTED
        elif at < 0:
            continue
        value = _value(part, at, stop, layer, is_extended=key.endswith(b"*"))
        if key.startswith(b"n"):
            names.setdefault(key, value.content)
            bare = value.content.strip(b"'") if layer is BARE else _BACKSLASH.sub(rb"\1", value.content)
            readings |= {value.content, bare}
        else:
            files.append(value)
    return names.get(b"name", names.get(b"name*")), files


def _value(part: bytes, start: int, end: int, layer: Layer, *, is_extended: bool) -> Value:
    """A name in its place, opened."""
    raw = part[start:end].rstrip() if layer is BARE else part[start:end]
    end = start + len(raw)
    prefix = _EXTENDED.match(raw) if is_extended else None
    if prefix is not None:
        start, raw = start + prefix.end(), raw[prefix.end() :]
        layer, content = EXTENDED, unquote_to_bytes(raw) if PERCENT in raw else raw
    else:
        content = _open_quoted(raw) if layer is QUOTED else raw
    ending = _ENDING.search(content)
    return Value(b"filename", start, end, content, layer, b"file" + (ending[0] if ending else b"") if content else b"")
