"""The worker: presidio in its own process, without network, without values anywhere, mortal and bounded."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from shield.message import Frame, Request
from shield.presidio import worker as worker_room
from shield.presidio.worker import Places, Worker

SECONDS = 90  # a loaded machine imports slowly
FAKE = "import sys; sys.path[:] = {path!r}; from shield.presidio import child, parcel; {rest}"


def request(body: bytes = b"", target: bytes = b"/") -> Request:
    return Request("POST", "https", "shop.example", 443, target, ((b"Content-Type", b"application/json"),), body)


class Found:
    """What the worker hands over, with a bell."""

    def __init__(self) -> None:
        self.all: list[Places] = []
        self._bell = threading.Condition()

    def __call__(self, places: Places) -> None:
        with self._bell:
            self.all.append(places)
            self._bell.notify_all()

    def next(self) -> Places:
        with self._bell:
            assert self._bell.wait_for(lambda: self.all, SECONDS)
            return self.all.pop(0)


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.fixture(scope="module")
def real() -> Iterator[Worker]:
    """Presidio itself."""
    one = Worker(message_seconds=SECONDS)
    assert one.wait_until_settled(SECONDS)
    yield one
    one.close()


def fake(rest: str, **more: float) -> Worker:
    """A worker whose process does something else."""
    return Worker(code=FAKE.format(path=sys.path, rest=rest), **more)


def test_it_says_what_runs(real: Worker) -> None:
    assert (real.state, real.trouble) == ("running", "")
    assert real.about.startswith("presidio 2.")


@pytest.mark.parametrize(
    ("body", "found"),
    [
        (b'{"text":"write to bob@firma.de please"}', [("json:\x1ftext", "email")]),
        (b'{"text":"please call my phone 0151 12345678 tonight"}', [("json:\x1ftext", "phone")]),
        (b'{"text":"the card is 4111111111111111 thanks a lot"}', [("json:\x1ftext", "card")]),
        (b'{"a":{"tin":"876 543 210"}}', [("json:\x1fa\x1ftin", "government_id")]),  # Australia
        (b'{"note":"my tax number is 876 543 210 as you know"}', [("json:\x1fnote", "government_id")]),
        (b'{"iban":"DE89 3704 0044 0532 0130 00"}', [("json:\x1fiban", "card")]),
    ],
)
def test_it_reads_what_people_write(real: Worker, body: bytes, found: Places) -> None:
    bell = Found()
    assert real.offer(request(body), bell)
    assert bell.next() == found


def test_it_takes_no_random_number_for_a_persons(real: Worker) -> None:
    """Then a message that holds something, so that silence is known to be an answer."""
    bell = Found()
    quiet = (
        b'{"id":"4111111111111111","t":"1732100000","order":"876543210","v":"93.184.216.34","mobile":"1",'
        b'"uuid":"67174557-40f4-4fd4-9b38-1d7740939a77","text":"version 1.2.3.4 came out on 20261120 at noon"}'
    )
    assert real.offer(request(quiet), bell)
    assert real.offer(Frame("request", b'{"to":"bob@firma.de"}', is_text=True), bell)
    assert bell.next() == [("frame\x1fjson:\x1fto", "email")]
    assert bell.all == []


def test_the_parent_never_imports_presidio(real: Worker) -> None:
    assert "presidio_analyzer" not in sys.modules
    assert "spacy" not in sys.modules


WATCH = """
import sys
sys.path[:] = {path!r}
seen = []
watched = ("socket.", "subprocess", "os.exec", "os.posix_spawn")
sys.addaudithook(lambda event, args: seen.append(event) if event.startswith(watched) else None)
from shield.presidio import child
child._alone()
from shield.presidio.analysis import Analysis
from shield.presidio.message import to_items
from shield.message import Request
analysis = Analysis()
items = to_items(Request("POST", "https", "a.example", 443, b"/?q=bob@firma.co.uk&tel=0151+12345678", (), b""))
assert analysis.places(items), "found nothing"
assert "presidio_analyzer" in sys.modules
print(sorted(seen))
"""


def test_it_looks_nothing_up_and_calls_nobody(tmp_path: Path) -> None:
    """In a fresh home, so that no cache helps. What was refused was seen before: only urllib3 tries, when it is
    imported, to bind a port of ::1, to learn whether this system knows IPv6.
    """
    out = subprocess.run(
        [sys.executable, "-I", "-c", WATCH.format(path=sys.path)],
        env={"HOME": str(tmp_path)}, capture_output=True, text=True, timeout=SECONDS, check=False,
    )  # fmt: skip
    assert out.stdout.strip() == str(["socket.__new__"]), out.stdout + out.stderr
    assert [path for path in tmp_path.rglob("*") if "suffix" in path.name] == []


@pytest.mark.parametrize(
    "attempt",
    ["import socket; socket.getaddrinfo('localhost', 1)", "import socket; socket.socket().connect(('127.0.0.1', 1))",
     "import subprocess; subprocess.Popen(['true'])", "import os; os.system('true')"],
)  # fmt: skip
def test_the_process_has_no_way_out(attempt: str) -> None:
    """What tries gets an error; a process that says so is off."""
    rest = f"child._alone(); exec({attempt!r})"
    words = [sys.executable, "-I", "-c", FAKE.format(path=sys.path, rest=rest)]
    out = subprocess.run(words, capture_output=True, text=True, timeout=SECONDS, check=False)
    assert out.returncode == 1
    assert "PermissionError" in out.stderr


READY = "given, answers = child._pipes(); parcel.send(answers, [child.READY, b'a fake'])"


def test_a_text_that_takes_too_long_costs_the_process_and_another_one_goes_on() -> None:
    rest = f"import time; {READY}; items = parcel.receive(given); slow = b'slow' in items[5]; time.sleep(600 * slow); "
    rest += "parcel.send(answers, [child.FOUND, b'query:', b'email']); parcel.receive(given)"
    one, bell = fake(rest, message_seconds=1.5), Found()
    assert one.offer(request(target=b"/slow"), bell)
    assert one.offer(request(target=b"/quick"), bell)
    assert bell.next() == [("query:", "email")]
    assert (one.left_out, one.looked_at, one.state) == (1, 1, "running")
    one.close()


def test_a_process_that_ends_again_and_again_stays_off() -> None:
    one = fake("import os; os._exit(3)")
    assert one.wait_until_settled(SECONDS)
    assert (one.state, one.trouble) == ("off", "it ended again and again")
    assert "presidio: false" in one.hint
    assert not one.offer(request(), Found())
    one.close()


def test_a_process_that_says_nonsense_is_not_believed() -> None:
    rest = f"{READY}; parcel.receive(given); "
    rest += (
        "parcel.send(answers, [child.FOUND, b'query:', b'bob@firma.de', b'query:', b'email']); parcel.receive(given)"
    )
    one, bell = fake(rest), Found()
    one.offer(request(), bell)
    assert bell.next() == [("query:", "email")]  # a word that is no category goes no further
    one.close()


def test_the_queue_is_bounded_and_nobody_waits() -> None:
    one = fake("import time; time.sleep(600)")
    taken = [one.offer(request(), Found()) for _ in range(worker_room.QUEUE_MESSAGES + 10)]
    assert taken.count(True) <= worker_room.QUEUE_MESSAGES
    assert one.left_out >= 10
    before = time.monotonic()
    one.close()
    assert time.monotonic() - before < 30  # and closing does not wait for it


def test_a_model_that_is_not_there_is_said_with_a_hint() -> None:
    one = Worker("no_such_model")
    assert one.wait_until_settled(SECONDS)
    assert (one.state, one.trouble) == ("off", "the model 'no_such_model' is not installed")
    assert "install it" in one.hint
    one.close()


MODEL = """
import sys, spacy
nlp = spacy.blank("en")
nlp.add_pipe("entity_ruler").add_patterns([{"label": "PERSON", "pattern": "Bob Miller"}])
nlp.to_disk(sys.argv[1])
"""


def test_a_model_in_a_folder_knows_names(tmp_path: Path) -> None:
    """Not a statistical one: what is tested is that it is loaded from where it lies, and that its names arrive."""
    folder = tmp_path / "model"
    subprocess.run([sys.executable, "-c", MODEL, str(folder)], check=True, timeout=SECONDS)
    one, bell = Worker(str(folder), message_seconds=SECONDS), Found()
    assert one.wait_until_settled(SECONDS)
    assert one.about.endswith("names by model"), one.trouble
    assert one.offer(request(b'{"text":"please give this to Bob Miller tomorrow","n":"Bob"}'), bell)
    assert bell.next() == [("json:\x1ftext", "name")]
    one.close()


def test_a_folder_that_is_no_model_is_said(tmp_path: Path) -> None:
    one = Worker(str(tmp_path))
    assert one.wait_until_settled(SECONDS)
    assert (one.state, "is no model that spaCy can load" in one.trouble) == ("off", True)
    one.close()


PARENT = """
import sys, time
from shield.presidio.worker import Worker
one = Worker(code=sys.argv[1])
while one._process is None: time.sleep(0.01)
print(one._process.pid, flush=True)
time.sleep(600)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="processes are looked for by signal")
@pytest.mark.parametrize("rest", ["child.main()", "child._alone(); import time\nwhile True: time.sleep(1)"])
def test_it_dies_with_its_parent(rest: str) -> None:
    """Killed without a chance to say goodbye; the second one does not even read its pipe (Linux tells it)."""
    if "main" not in rest and sys.platform != "linux":
        pytest.skip("only Linux tells a process that its parent died")
    code = FAKE.format(path=sys.path, rest="pass").removesuffix("pass") + "\n" + rest
    parent = subprocess.Popen([sys.executable, "-c", PARENT, code], stdout=subprocess.PIPE, text=True)
    try:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        time.sleep(1.5)  # past the point where the child has asked to be told
        parent.send_signal(signal.SIGKILL)
        parent.wait(SECONDS)
        until(lambda: not is_alive(pid))
    finally:
        parent.kill()
        parent.communicate()


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    state = Path(f"/proc/{pid}/stat")
    return not (state.exists() and state.read_text().rpartition(")")[2].split()[0] == "Z")
