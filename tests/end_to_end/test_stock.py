"""Stock mitmproxy with our script: it stays closed when the script is edited, broken or removed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import shutil
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from mitmproxy.io import FlowReader

from tests.end_to_end.origins import Origin

ADDON = Path(__file__).parent.parent.parent / "addons" / "shield_addon.py"
RULES = """company: Testers
rules:
  - id: blocked
    why: this does nothing for you
    where: {host: localhost, path: "/blocked**"}
    action: block
  - id: no-uid
    why: it knows you again
    where: {host: localhost, at: ["query:uid"]}
    action: strip
"""


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@contextlib.asynccontextmanager
async def mitmdump(
    folder: Path, script: Path, *options: str, reach: str = "localhost:1"
) -> AsyncIterator[tuple[int, asyncio.subprocess.Process]]:
    """mitmdump with the script, from another folder, without an installed shield on the path."""
    home = folder / "home"
    (home / "rules").mkdir(parents=True, exist_ok=True)
    home.chmod(0o700)
    (home / "rules" / "own.yaml").write_text(RULES)
    (home / "shield.yaml").write_text(f'reach: ["{reach}"]\n')
    port = free_port()
    command = Path(sys.executable).with_name("mitmdump")
    process = await asyncio.create_subprocess_exec(
        command, "-s", script, "-p", str(port), "--set", f"confdir={folder / 'mitmproxy'}", *options,
        cwd=folder, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        env={**os.environ, "SHIELD_HOME": str(home)},
    )  # fmt: skip
    try:
        yield port, process
    finally:
        if process.returncode is None:
            process.terminate()
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.communicate(), 10)
        if process.returncode is None:
            process.kill()


async def ready(port: int) -> None:
    async with asyncio.timeout(30):
        while True:
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", port)
                writer.close()
                return
            await asyncio.sleep(0.1)


async def get(port: int, url: str) -> httpx.Response:
    async with httpx.AsyncClient(proxy=f"http://127.0.0.1:{port}", timeout=10, trust_env=False) as client:
        return await client.get(url)


async def test_it_stays_closed_whatever_happens_to_the_script(plain: Origin, tmp_path: Path) -> None:
    """Edited, broken, removed."""
    script = tmp_path / "addon.py"
    shutil.copy(ADDON, script)
    flows = tmp_path / "flows"
    async with mitmdump(tmp_path, script, "-w", str(flows), reach=f"localhost:{plain.port}") as (port, _):
        await ready(port)
        url = f"http://localhost:{plain.port}"
        broken = "def load(loader):\n    raise RuntimeError\n"
        for change in (None, script.read_text() + "\n# edited\n", broken, "syntax error(", None):
            if change is not None:
                script.write_text(change)
                await asyncio.sleep(1.3)
            assert (await get(port, f"{url}/blocked/x")).status_code == 204
            assert (await get(port, f"{url}/fine?uid=1&a=2")).text == "ok"
        script.unlink()
        await asyncio.sleep(1.3)
        assert (await get(port, f"{url}/blocked/x")).status_code == 204
    assert {one.target for one in plain.requests} == {b"/fine?a=2"}
    with flows.open("rb") as file:
        comments = {flow.request.path: flow.comment for flow in FlowReader(file).stream()}
    assert "shield: blocked" in comments["/blocked/x"]
    assert comments["/fine?a=2"] == "shield: removed query:uid (own.yaml:7)"


async def test_it_refuses_to_listen_beyond_this_machine(tmp_path: Path) -> None:
    """mitmdump ends with an error."""
    async with mitmdump(tmp_path, ADDON, "--listen-host", "0.0.0.0") as (_, process):
        out, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 1
    assert b"this machine only" in out


async def test_rules_that_cannot_be_read_leave_the_gate_closed(plain: Origin, tmp_path: Path) -> None:
    """mitmdump ends; nothing has left."""
    async with mitmdump(tmp_path, ADDON, "--set", "connection_strategy=eager") as (port, process):
        (tmp_path / "home" / "rules" / "broken.yaml").write_text("company: [")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(process.communicate(), 15)
        if process.returncode is None:
            with contextlib.suppress(httpx.TransportError):
                await get(port, f"http://localhost:{plain.port}/blocked/x")
    assert plain.connections == 0


async def test_options_that_would_open_a_way_around(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They are put back, or refused."""
    from mitmproxy import exceptions, options

    from shield.proxy.stock import FORCED, StockAddon

    class Master:
        pass

    master: Any = Master()
    master.options = options.Options()
    master.options.add_option("connection_strategy", str, "eager", "")
    master.options.add_option("stream_large_bodies", str | None, "1m", "")
    master.options.add_option("body_size_limit", str | None, "1m", "")
    master.options.add_option("emudhra", bool, False, "")

    class Keeper:
        engine = None

    addon = StockAddon(Keeper(), master)  # type: ignore[arg-type]
    addon.configure(set())
    assert {name: getattr(master.options, name) for name in FORCED} == FORCED
    master.options.emudhra = True
    with pytest.raises(exceptions.OptionsError, match="everybody has that key"):
        addon.configure({"emudhra"})
