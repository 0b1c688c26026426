"""Opening recordings: what a file is shows in its bytes, and what is broken costs only itself."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path

import pytest

from shield.errors import InputError
from shield.proxy import flows
from shield.replay.record import Record
from shield.replay.source import Failure, open_source, records

GOOD = {"method": "GET", "url": "https://a.example/", "headers": []}
HAR = json.dumps({"log": {"entries": [{"request": GOOD}, {"request": 5}, {"request": GOOD}]}}).encode()
LINES = "\n".join(
    (json.dumps({**GOOD, "id": "a"}), "", "{broken", "[]", json.dumps({"id": "e", "method": "GET"}), json.dumps(GOOD))
).encode()


def read(path: Path) -> list[Record | Failure]:
    source = open_source(str(path))
    try:
        return list(records(source, flows.forms))
    finally:
        source.close()


def told(found: list[Record | Failure]) -> list[object]:
    return [(one.id, one.error) if isinstance(one, Failure) else one.id for one in found]


@pytest.mark.parametrize("name", ["a.har", "a.json", "noname", "a.har.gz"])
def test_a_har_is_known_by_its_log(tmp_path: Path, name: str) -> None:
    file = tmp_path / name
    file.write_bytes(gzip.compress(HAR) if name.endswith(".gz") else HAR)
    assert told(read(file)) == [1, (2, "entry 2: the entry has no request"), 3]


def test_lines_that_are_no_record_are_errors_at_their_place(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_bytes(b"\xef\xbb\xbf" + LINES)
    assert told(read(file)) == [
        "a",
        (3, "line 3: no JSON"),
        (4, "line 4: no JSON object"),
        ("e", "line 5: url is no text"),
        6,
    ]


@pytest.mark.parametrize("data", [HAR, LINES])
def test_a_gzip_that_is_cut_off_is_an_error_at_its_place(tmp_path: Path, data: bytes) -> None:
    file = tmp_path / "a.gz"
    packed = gzip.compress(data)
    for cut in range(30, len(packed) - 8, 7):
        file.write_bytes(packed[:cut])
        try:
            found = read(file)
        except InputError:  # nothing of the entries was there yet
            continue
        assert isinstance(found[-1], Failure)


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [("missing", None, "no such file"), ("a.gz", b"\x1f\x8bnonsense", "damaged"), ("a.har", b"hello", "no HAR")],
)
def test_what_cannot_be_read_is_an_input_error(tmp_path: Path, name: str, data: bytes | None, words: str) -> None:
    file = tmp_path / name
    if data is not None:
        file.write_bytes(data)
    with pytest.raises(InputError, match=words) as error:
        read(file)
    assert error.value.hint


def test_a_folder_is_no_recording(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="is a directory"):
        open_source(str(tmp_path))


def test_flows_are_read_and_a_streamed_body_is_said_to_be_missing(tmp_path: Path) -> None:
    from mitmproxy import io as mitm
    from mitmproxy.test import tflow

    plain = tflow.tflow(resp=True)
    streamed = tflow.tflow(resp=True)
    streamed.request.raw_content = None
    late = tflow.tflow(resp=True)
    assert late.response is not None
    late.response.raw_content = None
    socket = tflow.twebsocketflow()
    buffer = io.BytesIO()
    writer = mitm.FlowWriter(buffer)
    for flow in (plain, streamed, tflow.ttcpflow(), late, socket):
        writer.add(flow)
    file = tmp_path / "a.flows"
    file.write_bytes(buffer.getvalue())
    first, second, third, fourth = read(file)
    assert isinstance(first, Record)
    assert (first.request.method, first.request.url, first.request.body) == (
        "GET",
        "http://address:22/path",
        b"content",
    )
    assert first.response is not None
    assert (first.response.status, first.response.body) == (200, b"message")
    assert told([second]) == [(2, "flow 2: body not recorded")]
    assert isinstance(third, Record)
    assert third.not_recorded == ("response.body",)
    assert isinstance(fourth, Record)
    assert [frame.direction for frame in fourth.frames] == ["request", "request", "response"]
    file.write_bytes(buffer.getvalue()[:-20])
    assert told(read(file))[-1] == (4, "flow 4: the file is cut off or damaged here")
