"""Run by ``test_reach_in_a_namespace``, in a network namespace where public and private addresses are this machine's.

Starts ``shield run`` as a person does, without ``reach:``, and asks through it; prints one line of JSON: what was
asked, and whether an origin answered, or the proxy did.
"""

from __future__ import annotations

import json
import os
import socketserver
import subprocess
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socket import create_connection
from typing import Any

PORT, PROXY = 8090, 8091
PUBLIC, OTHER, PRIVATE, METADATA = "93.184.216.34", "93.184.216.35", "10.1.2.3", "169.254.169.254"
NAMES = {
    "web.example": (PUBLIC,), "inside.example": ("127.0.0.1",), "home.example": (PRIVATE,),
    "cloud.example": (METADATA,),
    "mixed.example": (PRIVATE, OTHER), "printer": (PRIVATE,), "nas.local": (PRIVATE,),
}  # fmt: skip
CROSS = "Sec-Fetch-Site: cross-site\r\nOrigin: http://web.example\r\n"
TYPED = "Sec-Fetch-Site: none\r\n"
ASKED = [
    ("web.example", CROSS), (PUBLIC, CROSS), ("inside.example", CROSS), ("home.example", CROSS),
    ("cloud.example", CROSS),
    ("mixed.example", CROSS), (PRIVATE, CROSS), ("127.0.0.1", CROSS), (METADATA, CROSS), ("printer", CROSS),
    ("nas.local", CROSS),
    ("inside.example", TYPED), ("home.example", TYPED), (PRIVATE, TYPED), ("127.0.0.1", TYPED), ("printer", TYPED),
    ("nas.local", TYPED),
]  # fmt: skip


class Origin(BaseHTTPRequestHandler):
    """Says at which address it was reached."""

    def do_GET(self) -> None:
        body = b"origin " + self.connection.getsockname()[0].encode()
        self.send_response(200)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


class Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


def run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)


def ask(host: str, headers: str) -> str:
    with create_connection(("127.0.0.1", PROXY), 5) as client:
        client.settimeout(10)
        address = f"{host}:{PORT}"
        client.sendall(
            f"GET http://{address}/x HTTP/1.1\r\nHost: {address}\r\n{headers}Connection: close\r\n\r\n".encode()
        )
        answer = b""
        while data := client.recv(65536):
            answer += data
    return answer.decode("latin-1")


def main(folder: Path) -> None:
    """Set the namespace up, start both, ask."""
    run("ip", "link", "set", "lo", "up")
    for address in (PUBLIC, OTHER, PRIVATE, METADATA):
        run("ip", "addr", "add", f"{address}/32", "dev", "lo")
    lines = [f"{address} {name}" for name, addresses in NAMES.items() for address in addresses]
    hosts = folder / "hosts"
    hosts.write_text("127.0.0.1 localhost\n" + "\n".join(lines) + "\n")
    run("mount", "--bind", str(hosts), "/etc/hosts")
    threading.Thread(target=Server(("0.0.0.0", PORT), Origin).serve_forever, daemon=True).start()
    home = folder / "home"
    home.mkdir(mode=0o700)
    (home / "shield.yaml").write_text(f"port: {PROXY}\n")
    shield = subprocess.Popen(
        [sys.executable, "-m", "shield", "run"], env={**os.environ, "SHIELD_HOME": str(home)},
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    try:
        for _ in range(300):
            try:
                create_connection(("127.0.0.1", PROXY), 1).close()
                break
            except OSError:
                time.sleep(0.1)
        told = [(host, headers is TYPED, ask(host, headers)) for host, headers in ASKED]
    finally:
        shield.terminate()
        shield.wait(20)
    print(json.dumps([(host, typed, text.partition("\r\n\r\n")[2], text[9:12]) for host, typed, text in told]))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
