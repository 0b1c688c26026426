"""Every shipped block and guard in every spelling of its path: what servers may read, a block reads too."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from shield.data import data_path
from shield.engine import Engine
from shield.finding import Block, Forward
from shield.message import Request
from shield.policy.load import Sources, load
from shield.policy.rule import Policy
from shield.transcript import read_request
from shield.vocabulary import TRACKING_PURPOSES
from tests.people import DictBook, sample_person
from tests.rules.test_guards import GUARDED

NOW = datetime(2026, 1, 1, tzinfo=UTC)

Spelling = Callable[[bytes], bytes]


def _escaped(path: bytes, at: int, how: bytes) -> bytes:
    """The letter number *at* of a path, counted from the end where below zero, written as *how* says."""
    letters = [number for number, byte in enumerate(path) if bytes([byte]).isalnum()]
    if not letters:
        return path
    spot = letters[at]
    return path[:spot] + how % path[spot] + path[spot + 1 :]


def _last_slash(path: bytes, by: bytes) -> bytes:
    head, _, tail = path.rpartition(b"/")
    return head + by + tail if head else path


def _before_last(path: bytes, text: bytes) -> bytes:
    head, _, tail = path.rpartition(b"/")
    return head + b"/" + text + tail


def _wide(path: bytes, at: int) -> bytes:
    """One letter in full width, as UTF-8 with escapes."""
    letters = [number for number, byte in enumerate(path) if bytes([byte]).isalnum()]
    spot = letters[at]
    shown = "".join(f"%{byte:02x}" for byte in chr(path[spot] + 0xFEE0).encode())
    return path[:spot] + shown.encode() + path[spot + 1 :]


SERVED: dict[str, Spelling] = {
    "first letter escaped": lambda path: _escaped(path, 0, b"%%%02X"),
    "first letter escaped, small": lambda path: _escaped(path, 0, b"%%%02x"),
    "last letter escaped": lambda path: _escaped(path, -1, b"%%%02x"),
    "every letter escaped": lambda path: b"".join(
        b"%%%02x" % byte if bytes([byte]).isalnum() else bytes([byte]) for byte in path
    ),
    "two slashes first": lambda path: b"/" + path,
    "three slashes first": lambda path: b"//" + path,
    "two slashes inside": lambda path: _last_slash(path, b"//"),
    "a dot segment first": lambda path: b"/." + path,
    "a dot segment inside": lambda path: _before_last(path, b"./"),
    "there and back": lambda path: b"/x/.." + path,
    "there and back, escaped": lambda path: b"/x/%2e%2e" + path,
    "there and back, half escaped": lambda path: b"/x/.%2E" + path,
    "two there and back": lambda path: b"/x/y/../.." + path,
    "there and back inside": lambda path: _before_last(path, b"x/../"),
    "above the root": lambda path: b"/../.." + path,
    "a parameter": lambda path: path + b";a=b",
    "a parameter of a servlet": lambda path: path + b";jsessionid=0A1B",
    "an empty parameter": lambda path: path + b";",
    "a parameter first": lambda path: b"/;a=b" + path,
    "a slash at the end": lambda path: path + b"/" * (not path.endswith(b"/")),
    "two slashes at the end": lambda path: path + b"//",
    "a dot at the end": lambda path: path.rstrip(b"/") + b"/.",
    "there and back at the end": lambda path: path.rstrip(b"/") + b"/x/..",
}
"""What servers serve all the same: guards hold, too."""
DOUBTFUL: dict[str, Spelling] = {
    "large letters": bytes.upper,
    "small letters": bytes.lower,
    "an escaped slash": lambda path: b"/%2f" + path[1:],
    "an escaped slash inside": lambda path: _last_slash(path, b"%2F"),
    "an escaped slash at the end": lambda path: path + b"%2F",
    "there and back by escaped slashes": lambda path: b"/x%2f..%2F" + path[1:],
    "a backslash": lambda path: b"\\" + path[1:],
    "an escaped backslash inside": lambda path: _last_slash(path, b"%5C"),
    "there and back by backslashes": lambda path: b"/x\\..\\" + path[1:],
    "a servlet's there and back": lambda path: b"/x/..;/" + path[1:],
    "an escaped escape": lambda path: _escaped(path, 0, b"%%25%02x"),
    "an escaped escaped escape": lambda path: _escaped(path, 0, b"%%2525%02x"),
    "a %u escape": lambda path: _escaped(path, 0, b"%%u00%02x"),
    "full width": lambda path: _wide(path, 0),
    "an escaped semicolon": lambda path: path + b"%3Ba=b",
    "an escaped question mark": lambda path: path + b"%3Fa=b",
    "an escaped hash": lambda path: path + b"%23a",
    "a blank at the end": lambda path: path + b"%20",
    "a tab inside": lambda path: _before_last(path, b"%09"),
    "NUL at the end": lambda path: path + b"%00",
    "a dot behind the name": lambda path: path.rstrip(b"/") + b".",
}
"""What some server might read so: what protects holds, guards and exceptions need not."""
SPELLINGS = SERVED | DOUBTFUL


@pytest.fixture(scope="module")
def policy() -> Policy:
    return load(Sources(shipped=(data_path("rules"),)))


@pytest.fixture(scope="module")
def engine(policy: Policy) -> Engine:
    return Engine(policy, sample_person("facebook-pixel", "google-telemetry", "google-ads"))


def respelled(request: Request, spelling: Spelling) -> Request:
    path, mark, query = request.target.partition(b"?")
    return replace(request, target=spelling(path) + mark + query)


def blocked(policy: Policy) -> list[tuple[str, Request]]:
    """Every example of a shipped rule that is blocked, with the rule's id."""
    return [
        (rule.id, replace(read_request(example.request), page=example.page, type=example.type))
        for rule in policy.rules for example in rule.examples if example.verdict == "block" and rule.action == "block"
    ]  # fmt: skip


def test_there_are_as_many_as_somebody_tried() -> None:
    assert len(SPELLINGS) >= 40


@pytest.mark.parametrize("name", SPELLINGS)
def test_blocks_hold(name: str, policy: Policy, engine: Engine) -> None:
    """With and without the headers that tell what a browser wants."""
    passed = []
    examples = blocked(policy)
    assert {rule.id for rule in policy.rules if rule.action == "block"} == {rule for rule, _ in examples}
    for rule, request in examples:
        outcome = engine.request(respelled(request, SPELLINGS[name]), now=NOW, book=DictBook())
        if not isinstance(outcome.verdict, Block):
            passed.append((rule, respelled(request, SPELLINGS[name]).url))
    assert passed == []


@pytest.mark.parametrize("name", SERVED)
def test_guards_hold(name: str, engine: Engine) -> None:
    """A sign-in in any spelling that is served leaves as it came."""
    lost = []
    for url in GUARDED:
        request = respelled(read_request(f"POST {url}\n{HEADERS}\n\nemail=anna%40real.example"), SERVED[name])
        outcome = engine.request(request, now=NOW, book=DictBook())
        if not isinstance(outcome.verdict, Forward) or outcome.guard is None or outcome.message is not request:
            lost.append(request.url)
    assert lost == []


HEADERS = "content-type: application/x-www-form-urlencoded\ncookie: fr=0abc; NID=x"


def tracker_paths(policy: Policy) -> list[tuple[str, str]]:
    """A host and a path of every claim of a tracker that has one."""
    return [
        (endpoint.hosts[0].literal or "", path.text.replace("**", "a/b").replace("*", "a"))
        for service in policy.services if service.purpose in TRACKING_PURPOSES
        for endpoint in service.on for path in endpoint.paths
    ]  # fmt: skip


@pytest.mark.parametrize("name", SPELLINGS)
def test_trackers_are_recognised(name: str, policy: Policy, engine: Engine) -> None:
    """Also where nothing blocks them: what they may know hangs on it."""
    lost = []
    for host, path in tracker_paths(policy):
        target = SPELLINGS[name](path.encode())
        request = Request("GET", "https", host, 443, target, page="https://shop.example/")
        if not engine.registry.recognise(request).is_tracker:
            lost.append((host, target))
    assert lost == []


WON = (
    ("facebook.com", b"/login/..%2Ftr"), ("facebook.com", b"/login.php%2F..%2Ftr"),
    ("facebook.com", b"/login/..\\tr"), ("facebook.com", b"/login/..%5Ctr"), ("facebook.com", b"/login/%2e%2e%2ftr"),
    ("facebook.com", b"/login/%252e%252e/tr"), ("facebook.com", b"/tr/../login/x%2F..%2F..%2Ftr"),
    ("www.google.com", b"/recaptcha/..%2Fgen_204"),
    ("www.google.com", b"/recaptcha/..%2F..%2Fpagead/x"), ("www.amazon.de", b"/ap/..%2Fgp/uedata"),
    ("www.amazon.de", b"/ap/%2e%2e%2fe/xsp/imp"),
)  # fmt: skip


@pytest.mark.parametrize(("host", "path"), WON)
def test_no_spelling_wins_a_guard_at_a_tracker(host: str, path: bytes, engine: Engine) -> None:
    """Where one server reads a sign-in and another one a pixel, it is the pixel."""
    request = Request(
        "GET", "https", host, 443, path + b"?id=12345&em=anna%40real.example", page="https://shop.example/"
    )
    outcome = engine.request(request, now=NOW, book=DictBook())
    assert outcome.guard is None
    assert outcome.context.is_tracker
    assert not isinstance(outcome.verdict, Forward) or b"anna" not in outcome.message.target


EXCEPTED = (
    ("amazon-adsystem.com", b"/x/c/..%2F..%2Fe/dtb/bid"), ("amazon-adsystem.com", b"/x%2Fc/..%2f/bid"),
    ("amazon-adsystem.com", b"/X/C/bid"), ("googletagmanager.com", b"/gtag/..%2Fa"),
    ("googletagmanager.com", b"/gtag/..%5ctd"),
)  # fmt: skip


@pytest.mark.parametrize(("host", "path"), EXCEPTED)
def test_no_spelling_wins_an_exception(host: str, path: bytes, engine: Engine) -> None:
    """What a rule lets through is meant as it is written."""
    request = Request("GET", "https", host, 443, path, page="https://shop.example/", type="image")
    assert isinstance(engine.request(request, now=NOW, book=DictBook()).verdict, Block)
