"""The tree of commands. Help is plain text and every import waits until a command runs: ``--help`` is instant."""

from __future__ import annotations

from typing import Annotated

import typer

from shield.cli import demo, doctor, explain, persona, replay, report, rules, run, suggest, twin

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"shield {version('shield')}")
        raise typer.Exit


@app.callback()
def shield(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """A local proxy that decides with you what Google, Facebook, Amazon and their trackers learn about you.

    \b
    Example:
      shield demo                        watch it work, without network or set-up
      shield run                         start the proxy on 127.0.0.1:8080
      shield twin add email anna@real.example

    Everything is kept in one folder of your own (SHIELD_HOME, see shield doctor). Nothing is sent anywhere
    that your browser did not ask for.
    """


app.command("demo")(demo.demo)
app.command("run")(run.run)
app.command("replay")(replay.replay)
app.command("explain", short_help="Say what Shield makes of one message, and why.")(explain.explain)
rules.app.command("suggest", short_help="Suggest rules for identifiers that no rule names.")(suggest.suggest)
app.add_typer(rules.app, name="rules", short_help="Check rules, run their examples, understand them.")
app.add_typer(twin.app, name="twin", short_help="Your facts, sealed in one file.")
app.add_typer(persona.app, name="persona")
app.command("report", short_help="Sum up what was sent, replaced, withheld, blocked.")(report.report)
app.command("doctor", short_help="Look at everything Shield needs; say what to do.")(doctor.doctor)
app.command("addon-path")(run.addon_path)
