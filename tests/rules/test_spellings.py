"""Matching reads hosts, paths, methods and names as servers do; what leaves stays as it came."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from shield.address import folded, parse_address
from shield.engine import Engine
from shield.finding import Block, Forward
from shield.message import Request
from shield.paths import readings
from shield.pattern import PathPattern
from tests.people import DictBook, sample_person
from tests.test_engine import NOW, shipped


@pytest.fixture(scope="module")
def engine() -> Engine:
    policy = shipped()
    return Engine(policy, sample_person(*(service.name for service in policy.services)))


def ask(engine: Engine, host: str, target: str, method: str = "GET", **headers: str):
    lines = ((b"Host", host.encode()), *((name.encode(), value.encode()) for name, value in headers.items()))
    sent = Request(method, "https", host, 443, target.encode("latin-1"), lines)
    return sent, engine.request(sent, now=NOW, book=DictBook())


def escaped(number: int) -> Callable[[str], str]:
    """The letter at a place of the path's last segment, percent-escaped."""

    def change(path: str) -> str:
        head, slash, last = path.rpartition("/")
        at = number % len(last)
        return f"{head}{slash}{last[:at]}%{ord(last[at]):02x}{last[at + 1 :]}"

    return change


SERVED: dict[str, Callable[[str], str]] = {
    "as it is": lambda path: path,
    "first letter": escaped(0),
    "second letter": escaped(1),
    "last letter": escaped(-1),
    "every letter": lambda path: "/".join("".join(f"%{ord(one):02X}" for one in part) for part in path.split("/")),
    "two slashes": lambda path: "/" + path,
    "three slashes": lambda path: "//" + path,
    "two slashes inside": lambda path: path[:1] + path[1:].replace("/", "//"),
    "slash at the end": lambda path: path + "/",
    "two slashes at the end": lambda path: path + "//",
    "dot": lambda path: "/." + path,
    "escaped dot": lambda path: "/%2e" + path,
    "dot dot": lambda path: "/x/.." + path,
    "escaped dot dot": lambda path: "/x/%2e%2E" + path,
    "half escaped dot dot": lambda path: "/x/.%2e" + path,
    "deeper dot dot": lambda path: "/x/y/../.." + path,
    "above the root": lambda path: "/../.." + path,
    "dot at the end": lambda path: path + "/.",
    "dot dot at the end": lambda path: path + "/x/..",
    "parameter": lambda path: path + ";a=b",
    "parameter alone": lambda path: path + ";",
    "session": lambda path: path + ";jsessionid=1234",
    "two parameters": lambda path: path + ";a=b;c=d",
    "parameter of an empty segment": lambda path: "/;a=b" + path,
    "dot dot behind a parameter": lambda path: "/x/..;a=b" + path,
    "slash and parameter": lambda path: path + "/;a",
    "mixed": lambda path: escaped(0)("//x/%2e%2e/." + path) + ";v=1",
}  # fmt: skip
ANYHOW: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "mixed case": str.title,
    "escaped slash": lambda path: "/%2F" + path[1:],
    "escaped slash inside": lambda path: path[:1] + path[1:].replace("/", "%2f"),
    "escaped slash at the end": lambda path: path + "%2F",
    "backslash": lambda path: "/\\" + path[1:],
    "escaped backslash": lambda path: "/x%5C..%5c" + path[1:],
    "dot dot with escaped slashes": lambda path: "/x%2f..%2f" + path[1:],
    "escaped twice": lambda path: "/%25" + f"{ord(path[1]):02x}" + path[2:],
    "escaped parameter": lambda path: path + "%3Ba=b",
    "escaped underscore twice": lambda path: path.replace("_", "%255f"),
}  # fmt: skip
BLOCKED = (
    ("www.google.com", "/gen_204"), ("www.google.de", "/gen_204"), ("www.youtube.com", "/api/stats/qoe"),
    ("www.facebook.com", "/ajax/bz"), ("www.google.com", "/ccm/collect"),
)  # fmt: skip


@pytest.mark.parametrize("spelling", [*SERVED, *ANYHOW])
@pytest.mark.parametrize(("host", "path"), BLOCKED)
def test_a_block_holds_in_every_spelling(engine: Engine, host: str, path: str, spelling: str) -> None:
    for method in ("GET", "get", "POST", "Post"):
        sent, outcome = ask(engine, host, (SERVED | ANYHOW)[spelling](path) + "?a=b", method)
        assert isinstance(outcome.verdict, Block), sent.target
        assert outcome.message.target == sent.target


@pytest.mark.parametrize("spelling", [*SERVED, *ANYHOW])
def test_the_pixel_in_every_spelling(engine: Engine, spelling: str) -> None:
    """It is forwarded without what identifies, and under the path that came."""
    path = (SERVED | ANYHOW)[spelling]("/tr")
    sent, outcome = ask(engine, "www.facebook.com", path + "?id=1234567&ev=PageView&fbp=fb.1.1766000000000.1234567890")
    assert outcome.context.service == "facebook-pixel"
    assert outcome.context.party == "third"
    assert isinstance(outcome.verdict, Forward)
    assert b"fb.1." not in outcome.message.target
    assert outcome.message.target.startswith(sent.target.partition(b"?")[0])


GUARDED = (("www.amazon.de", "/ap/signin", "amazon-login"), ("www.facebook.com", "/login/identify", "facebook-login"))


@pytest.mark.parametrize("spelling", SERVED)
@pytest.mark.parametrize(("host", "path", "guard"), GUARDED)
def test_a_guard_holds_as_the_path_is_served(engine: Engine, host: str, path: str, guard: str, spelling: str) -> None:
    _, outcome = ask(engine, host, SERVED[spelling](path))
    assert outcome.guard is not None
    assert outcome.guard.id == guard


def test_a_page_wins_no_guard_on_the_way_to_a_tracker(engine: Engine) -> None:
    """Some servers decode a slash before they resolve dots: both readings have to be the sign-in's."""
    for target in ("/login/..%2Ftr?id=1", "/login/..\\tr?id=1", "/login/%252e%252e/tr?id=1", "/login/x/..%2f..%2ftr"):
        _, outcome = ask(engine, "www.facebook.com", target)
        assert outcome.guard is None, target


@pytest.mark.parametrize(
    "target",
    [
        "/ap/signin/../../gen_204", "/ap/signin/%2e%2e/%2e%2e/x", "/x%2fap%2fsignin", "/ap%2Fsignin",
        "/x/%2561p/signin",        "/ap/signin/..;a/../x", "/x\\ap\\signin", "/AP/SIGNIN",
    ],
)  # fmt: skip
def test_a_guard_is_not_won_by_a_spelling(engine: Engine, target: str) -> None:
    """Where servers may read it in two ways, what protects holds."""
    _, outcome = ask(engine, "www.amazon.de", target)
    assert outcome.guard is None


@pytest.mark.parametrize(
    "name", ["fbp", "FBP", "fbp[]", "fbp[0]", "fbp[][]", "fbp+", "%20fbp", "+fbp", "&amp;fbp", "fbp%00x", "fb%70"]
)
@pytest.mark.parametrize("place", ["query", "form"])
def test_names_of_parameters(engine: Engine, name: str, place: str) -> None:
    pair = f"{name}=fb.1.1766000000000.1234567890"
    body = pair.encode() if place == "form" else b""
    lines = (
        (b"Host", b"www.facebook.com"), (b"Content-Type", b"application/x-www-form-urlencoded"),
        (b"Content-Length", b"%d" % len(body)),
    )  # fmt: skip
    target = b"/tr/?id=1234567&ev=PageView" + (b"&" + pair.encode() if place == "query" else b"")
    sent = Request("POST" if body else "GET", "https", "www.facebook.com", 443, target, lines, body)
    outcome = engine.request(sent, now=NOW, book=DictBook())
    assert isinstance(outcome.verdict, Forward)
    assert b"fb.1.1766" not in outcome.message.target + (outcome.message.body or b"")


@pytest.mark.parametrize(
    ("written", "meant"),
    [("query:user.id", "query:user_id"), ("query:user id", "query:user_id"), ("cookie:%75id", "cookie:uid"),
     ("header:x_uid", "header:x-uid"), ("multipart:Uid[]", "multipart:uid"), ("form:a[b][]", "form:a[b]"),
     ("form:variables[]/json:/User/0", "form:variables/json:/User/0")],
)  # fmt: skip
def test_names_that_servers_fold(written: str, meant: str) -> None:
    assert folded(parse_address(written)) == folded(parse_address(meant))


@pytest.mark.parametrize(
    ("one", "other"), [("json:/UID", "json:/uid"), ("query:a[b]", "query:a"), ("query:uid2", "query:uid")]
)
def test_names_that_stay_apart(one: str, other: str) -> None:
    assert folded(parse_address(one)) != folded(parse_address(other))


def test_named_parts_are_found_where_they_stand() -> None:
    """Spans are of the path as it came, whatever the reading that matched."""
    pattern = PathPattern("/1/batch/{market}:{session}:{rest**}")
    for path in ("/1/batch/A:b-1:C$x", "//1/%62atch/A:b-1:C$x", "/z/../1/batch/A:b-1:C$x/", "/1%2fBATCH/A:b-1:C$x"):
        spans = pattern.parts(readings(path), protects=True)
        assert spans is not None
        start, end = spans["session"]
        assert path[start:end] == "b-1"
    assert pattern.parts(readings("/1%2fbatch/A:b:C"), protects=False) is None


def test_a_long_path_costs_its_length() -> None:
    """Counted steps, not time: characters that the readings hold."""
    for piece in ("%2e%2e/", "/;a=b", "%2525252f", "../", "a%2F"):
        short, long_ = (sum(len(one.text) for one in readings("/" + piece * many).anyhow) for many in (500, 1000))
        assert long_ <= 2.1 * short + 10
