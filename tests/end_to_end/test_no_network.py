"""``shield run`` itself, watched by an audit hook: what it binds, what it looks up, where it connects."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

WATCHED = """
import json, sys
out = open(sys.argv[1], "a", buffering=1)
def hook(event, args):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.bind", "socket.sendto", "socket.gethostbyname"):
        out.write(json.dumps([event, [str(one) for one in args if not isinstance(one, type(None))][-4:]]) + chr(10))
sys.addaudithook(hook)
from shield.cli import main
sys.argv = ["shield", "run", "--port", sys.argv[2]]
main()
"""
WAIT_S = 40


class Origin(BaseHTTPRequestHandler):
    """Answers everything with two bytes."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *args: object) -> None:
        """Silence."""


def free_port() -> int:
    """A port of loopback that nobody has just now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def ask_through(port: int, url: str) -> bytes:
    """One request in absolute form, as a client of a proxy sends it."""
    host = url.split("/")[2]
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT_S) as link:
        link.sendall(f"GET {url} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
        link.settimeout(WAIT_S)
        return b"".join(iter(lambda: link.recv(65536), b""))


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Until somebody listens; fails if the process ends first or the time is up."""
    end = time.monotonic() + WAIT_S
    while time.monotonic() < end:
        assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.1)
        else:
            return
    raise AssertionError("nobody listens")


def test_no_lookup_and_no_connection_of_our_own(tmp_path: Path) -> None:
    """Start, an unnamed site, a blocked tracker, the end: one connection, the one the client asked for."""
    origin = HTTPServer(("127.0.0.1", 0), Origin)
    threading.Thread(target=origin.serve_forever, daemon=True).start()
    port, log = free_port(), tmp_path / "seen.jsonl"
    home = tmp_path / "home"
    home.mkdir(mode=0o700)
    (home / "shield.yaml").write_text(f'reach: ["127.0.0.1:{origin.server_port}"]\n')
    environment = {**os.environ, "SHIELD_HOME": str(tmp_path / "home")}
    process = subprocess.Popen(
        [sys.executable, "-c", WATCHED, str(log), str(port)],
        env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
    )  # fmt: skip
    try:
        wait_for(port, process)
        assert ask_through(port, f"http://127.0.0.1:{origin.server_port}/").endswith(b"ok")
        blocked = ask_through(port, "http://pagead2.googlesyndication.com/pagead/gen_204?id=1")
        assert b" 204 " in blocked.splitlines()[0] or b" 200 " in blocked.splitlines()[0]
        process.send_signal(signal.SIGINT)
        assert process.wait(WAIT_S) == 0
    finally:
        process.kill()
        process.wait()
        if process.stderr:
            process.stderr.close()
        origin.shutdown()
        origin.server_close()
    seen = [json.loads(line) for line in log.read_text().splitlines()]
    connected = [args for event, args in seen if event == "socket.connect"]
    assert connected == [connected[0]]
    assert str(origin.server_port) in connected[0][-1]
    assert all(args[-1].startswith(("('127.0.0.1'", "('::1'")) for event, args in seen if event == "socket.bind")
    assert any(str(port) in args[-1] for event, args in seen if event == "socket.bind")
    looked_up = [args for event, args in seen if event in ("socket.getaddrinfo", "socket.gethostbyname")]
    assert all(args[0] in ("127.0.0.1", "localhost") for args in looked_up), looked_up
    assert not [args for event, args in seen if event == "socket.sendto"]
