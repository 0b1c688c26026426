"""The incremental reader of HAR files: same entries as json.load, whatever the chunks; nothing kept."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.replay import splitter
from shield.replay.splitter import Broken, Item, NoEntriesError, entries

json_values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=12)
    | st.sampled_from(['"', "\\", '\\"', "]}", "{[", ","]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=6), inner, max_size=4),
    max_leaves=12,
)


class Dribble:
    """A source that hands out *size* bytes at a time, as a slow pipe does."""

    def __init__(self, data: bytes, size: int) -> None:
        self.inner = io.BytesIO(data)
        self.size = size

    def read(self, size: int, /) -> bytes:
        return self.inner.read(min(size, self.size))


def har(items: str, before: str = "", after: str = "") -> bytes:
    pages = '"version": "1.2", "pages": [{"entries": [1]}]'
    return f'{{{before}"log": {{{pages}, "entries": [{items}]{after}}}}}'.encode()


def request(number: int) -> str:
    return json.dumps({"request": {"method": "GET", "url": f"https://example.com/{number}", "headers": []}})


@settings(max_examples=60, deadline=None)
@given(st.lists(json_values.map(lambda value: {"request": value}), max_size=5), st.integers(1, 40), st.booleans())
def test_entries_are_those_of_json_load(values: list[object], size: int, ascii_only: bool) -> None:
    data = har(json.dumps(values, ensure_ascii=ascii_only)[1:-1], before='"x": {"entries": [0]}, ')
    found = list(entries(Dribble(data, size)))
    assert [json.loads(item.raw) for item in found if isinstance(item, Item)] == values


@pytest.mark.parametrize(
    "text", ["", "null", "[]", "{}", '{"entries": [{}]}', '{"log": {"entries": {}}}', '{"log"', "hello"]
)
def test_a_file_without_entries_is_said_to_have_none(text: str) -> None:
    with pytest.raises(NoEntriesError):
        list(entries(io.BytesIO(text.encode())))


@pytest.mark.parametrize("broken", ["{broken", '{"a": [}', '{"request": {"url": "unterminated}}', "{{{", "[1, 2}"])
def test_a_broken_entry_costs_only_itself(broken: str) -> None:
    found = list(entries(io.BytesIO(har(f"{request(1)}, {broken}, {request(2)}, {request(3)}"))))
    whole = [item.raw for item in found if isinstance(item, Item) and b"request" in item.raw]
    good = [json.loads(raw)["request"]["url"][-1] for raw in whole]
    assert good == ["1", "2", "3"]
    assert len(found) == 4


def test_a_cut_off_file_is_an_error_at_its_place() -> None:
    whole = har(f"{request(1)}, {request(2)}, {request(3)}")
    start, end = whole.index(b'[{"request') + 1, whole.rindex(b"]")
    for cut in range(start, end + 1):
        found = list(entries(io.BytesIO(whole[:cut])))
        assert isinstance(found[-1], Broken)
        assert "cut off" in found[-1].reason
        assert all(isinstance(item, Item) for item in found[:-1])


def test_an_entry_above_the_limit_is_not_kept() -> None:
    huge = json.dumps({"request": {"url": "x" * 50_000}})
    found = list(entries(io.BytesIO(har(f"{request(1)}, {huge}, {request(2)}")), limit_bytes=10_000))
    assert [type(item).__name__ for item in found] == ["Item", "Broken", "Item"]


def test_a_string_without_end_is_not_kept() -> None:
    data = har(f'{request(1)}, {{"request": "{"y" * 4_000_000}')
    tracemalloc.start()
    try:
        found = list(entries(Dribble(data, 65536), limit_bytes=100_000))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert [type(item).__name__ for item in found] == ["Item", "Broken"]
    assert peak < 20 * splitter.CHUNK_BYTES


class Endless:
    """A HAR of *count* equal entries that exists only as it is read."""

    def __init__(self, count: int) -> None:
        entry = {"request": {"url": "https://example.com/"}, "response": {"text": 'y\\"[' * 4000}}
        self.entry = json.dumps(entry).encode()
        self.pieces = self._pieces(count)
        self.left = b""

    def _pieces(self, count: int) -> Iterator[bytes]:
        yield b'{"log": {"entries": ['
        for number in range(count):
            yield (b"," if number else b"") + self.entry
        yield b"]}}"

    def read(self, size: int, /) -> bytes:
        while len(self.left) < size and (piece := next(self.pieces, None)) is not None:
            self.left += piece
        chunk, self.left = self.left[:size], self.left[size:]
        return chunk


def test_memory_stays_flat_over_many_megabytes() -> None:
    count = (20 << 20) // len(Endless(0).entry)
    tracemalloc.start()
    try:
        seen = sum(isinstance(item, Item) for item in entries(Endless(count)))
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert seen == count
    assert peak < 8 * splitter.CHUNK_BYTES
