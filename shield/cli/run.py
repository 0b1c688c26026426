"""``shield run`` and ``shield addon-path``: the proxy, by itself or inside stock mitmproxy."""

from __future__ import annotations

import asyncio
import contextlib
import errno
import gc
import signal
import socket
import sys
from typing import TYPE_CHECKING, Annotated

import typer

from shield.cli.border import guarded
from shield.cli.options import Config
from shield.errors import InputError

if TYPE_CHECKING:
    from shield.keeper import Keeper
    from shield.proxy.master import Proxy

_LOOK_SECONDS = 1.0


@guarded
def run(
    port: Annotated[
        int | None,
        typer.Option(
            "--port",
            metavar="PORT",
            help="Listen on 127.0.0.1:PORT. [default: the config's, else 8080]",
            min=0,
            max=65535,
        ),
    ] = None,
    config: Config = None,
    observe: Annotated[
        bool, typer.Option("--observe", help="Change nothing; write down what would have been done.")
    ] = False,
) -> None:
    """Start the proxy.

    \b
    Example:
      shield run
      shield run --port 8081 --observe
      SHIELD_HOME=~/trial shield run

    The first start makes your folder (SHIELD_HOME), a certificate authority and an empty twin, and says what
    to do next. It listens on this machine only. Hosts that no rule names are passed through unopened. Rules
    and configuration are read again when they change; a file with mistakes is told and the old ones stay.
    Ctrl-C ends it.

    Exit status 2 if the port is taken, or the configuration or a rule has a mistake.
    """
    from shield.cli.home import open_keeper

    keeper = open_keeper(config, observe=observe)
    try:
        asyncio.run(_serve(keeper, keeper.policy.config.port if port is None else port, observe=observe))
    finally:
        keeper.close()


async def _serve(keeper: Keeper, port: int, *, observe: bool) -> None:
    """Listen until Ctrl-C or SIGTERM."""
    from shield.proxy.master import Proxy

    _check_free(port)
    proxy = Proxy(keeper, port=port, observe=observe)
    bound = await proxy.start()
    gc.collect()
    gc.freeze()  # what start made stays; walking it again would stop the loop for some 80 ms now and then
    try:
        ended = asyncio.Event()
        loop = asyncio.get_running_loop()
        for sign in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError):  # Windows: Ctrl-C arrives as KeyboardInterrupt
                loop.add_signal_handler(sign, ended.set)
        _say(keeper, proxy, bound, observe=observe)
        telling = asyncio.create_task(_tell_of_presidio(keeper))
        await ended.wait()
        telling.cancel()
        typer.echo("\nending", err=True)
    finally:
        await proxy.stop()


def _say(keeper: Keeper, proxy: Proxy, port: int, *, observe: bool) -> None:
    """What was made, where it listens, and what the person does next."""
    places = {"home": keeper.home.path, "key": keeper.home.key, "twin": keeper.home.twin}
    for name in keeper.made:
        typer.echo(f"made      {places.get(name, name)}")
    if keeper.retired:
        typer.echo(f"retired   the e-mail of {len(keeper.retired)} personas: it was an alias of your own mailbox")
        typer.echo("  hint: shield persona list")
    mode = "observing: nothing is changed" if observe else f"{len(keeper.policy.rules)} rules"
    typer.echo(f"listening 127.0.0.1:{port}, {mode}")
    if keeper.policy.config.presidio:
        typer.echo("presidio  starts in a process of its own; what it finds is reported only")
    if keeper.person.locked:
        typer.echo("the twin is locked: what would need it is blocked")
        typer.echo("  hint: set SHIELD_PASSPHRASE_FILE, or start shield run in a terminal")
    elif not keeper.person.facts:  # nothing is set up yet, even if an earlier start made the files
        typer.echo(_FIRST.format(port=port, certificate=proxy.ca_certificate, key_folder=proxy.ca_certificate.parent))
    typer.echo("Ctrl-C ends it")


async def _tell_of_presidio(keeper: Keeper) -> None:
    """Say when presidio does not run although it is wanted; it starts, and may end, while messages pass."""
    told = ""
    while True:
        await asyncio.sleep(_LOOK_SECONDS)
        worker = keeper.noticing.worker
        trouble = worker.trouble if worker is not None else ""
        if worker is not None and trouble not in ("", told):
            typer.echo(f"presidio does not run: {trouble}\n  hint: {worker.hint}", err=True)
        told = trouble


def _check_free(port: int) -> None:
    """Say that a port is taken before anything is started.

    Raises:
        InputError: it is taken, or may not be used.
    """
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        if sys.platform != "win32":
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as asyncio does
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise InputError(f"port {port} on 127.0.0.1 is taken", f"shield run --port {port + 1}") from None
            reason = (error.strerror or "refused").lower()
            raise InputError(f"port {port} on 127.0.0.1 cannot be used: {reason}", "shield run --port 8080") from None


_FIRST = """
next:
  1. tell Shield what to look for    shield twin add email you@your-mail.example
  2. let the browser use the proxy   HTTP and HTTPS proxy 127.0.0.1, port {port}
       Firefox: Settings > Network Settings > Manual proxy configuration
       Chrome:  chromium --proxy-server=127.0.0.1:{port}
  3. trust its certificate           {certificate}
       Firefox: Settings > Privacy & Security > View Certificates > Authorities > Import
       Debian:  sudo cp '{certificate}' /usr/local/share/ca-certificates/shield.crt && sudo update-ca-certificates
       macOS:   security add-trusted-cert -r trustRoot -k ~/Library/Keychains/login.keychain-db '{certificate}'
       Windows: certutil -user -addstore Root "{certificate}"
     Whoever has the key in {key_folder} can read this machine's traffic. Never copy it.
  4. seal the twin with a passphrase shield twin passwd
  try it without effect first        shield run --observe, then shield report
"""


@guarded
def addon_path() -> None:
    """Print where the addon for stock mitmproxy lies.

    \b
    Example:
      uv run mitmdump -s "$(shield addon-path)"
      uv run mitmweb -s "$(shield addon-path)"

    The same engine, in mitmproxy's own programs. mitmweb shows beside each flow what was done. What mitmproxy
    itself prints or stores is outside Shield's promise: it shows values.
    """
    from shield.data import data_path

    typer.echo(str(data_path("addons/shield_addon.py")))
