"""``shield replay``: what Shield would have done with recorded traffic."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TextIO

import typer

from shield.cli.border import FOUND, guarded, stop
from shield.cli.options import Config, Facts, Rules

if TYPE_CHECKING:
    from shield.replay.record import Json, Record
    from shield.replay.run import Run
    from shield.replay.source import Failure, FlowForms, Source


class Format(StrEnum):
    """How replay writes."""

    table = "table"
    jsonl = "jsonl"
    har = "har"


@guarded
def replay(
    file: Annotated[
        str, typer.Argument(metavar="FILE", help="HAR (.har, .har.gz), mitmproxy flows or JSON Lines; - is stdin.")
    ],
    facts: Facts = None,
    rules: Rules = None,
    config: Config = None,
    as_run: Annotated[
        bool, typer.Option("--as-run", help="Pass through what shield run would not open. [default: open everything]")
    ] = False,
    independent: Annotated[
        bool, typer.Option("--independent", help="Treat each record as if it were the first.")
    ] = False,
    form: Annotated[Format, typer.Option("--format", help="What to write.")] = Format.table,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE", help="Write to a file.")] = None,
) -> None:
    """Run recorded traffic through the engine. Nothing is sent and nothing is stored.

    \b
    Example:
      shield replay shop.har.gz --facts facts.yaml --format jsonl --out shop.jsonl

    \b
    facts.yaml:
      facts:
        - {category: email, value: anna@real.example}
        - {category: name, given: Anna, family: Schmidt}

    Save a HAR in the browser's network panel, then see what would have left. Without --facts your twin is
    used, without --rules the shipped rules and yours. With --facts, personas and pseudonyms are made for the
    run from a fixed key. The same input gives the same output (but for engine_us), whatever the clock says.
    The file is read entry by entry, so its size does not matter.

    Exit status: 0 also for block and ask, 1 if a record had an error, 2 if a file cannot be read.
    """
    from shield.replay.source import open_source, records

    if out is not None and out.exists() and Path(file).exists() and out.samefile(file):
        stop(f"--out {out} would write over what is read", "name another file")
    source = open_source(file)
    try:
        run = _run(facts, rules, config, as_run=as_run, independent=independent)
        outs = run.outs(_watched(records(source, _flow_forms(source)), source))
        with _writer(out) as stream:
            errors = _WRITERS[form](outs, stream)
    finally:
        source.close()
    if errors:
        raise typer.Exit(FOUND)


def _run(facts: Path | None, rules: Path | None, config: Path | None, *, as_run: bool, independent: bool) -> Run:
    from shield.cli.home import load_policy, person_for_replay
    from shield.proxy.answers import answer_to
    from shield.replay.run import Run

    person, make_persona = person_for_replay(facts)
    return Run(
        load_policy(rules, config),
        person,
        as_run=as_run,
        independent=independent,
        make_persona=make_persona,
        answer_to=answer_to,
    )


def _flow_forms(source: Source) -> FlowForms | None:
    if source.kind != "flows":
        return None
    from shield.proxy.flows import forms

    return forms


def _watched(items: Iterator[Record | Failure], source: Source) -> Iterator[Record | Failure]:
    """The same records, with a progress bar where somebody is looking."""
    if not sys.stderr.isatty():
        yield from items
        return
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    from shield.cli.screen import console

    columns = (TextColumn("{task.fields[count]} records"), BarColumn(), DownloadColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console(stderr=True), transient=True) as progress:
        task = progress.add_task("replay", total=source.size_bytes, count=0)
        for count, item in enumerate(items, 1):
            if count % 16 == 0:
                progress.update(task, completed=source.position(), count=count)
            yield item


@contextmanager
def _writer(out: Path | None) -> Iterator[TextIO]:
    if out is None:
        yield sys.stdout
        return
    with out.open("w", encoding="utf-8") as stream:
        yield stream


Outs = Iterator[tuple["Record | Failure", "Json"]]


def _write_jsonl(outs: Outs, stream: TextIO) -> int:
    errors = 0
    for _, out in outs:
        errors += "error" in out
        stream.write(json.dumps(out) + "\n")
    return errors


def _write_har(outs: Outs, stream: TextIO) -> int:
    """Entries as they come. A record with an error has no entry; it is told on stderr."""
    from importlib.metadata import version

    from shield.replay import har
    from shield.replay.source import Failure

    stream.write(har.HEAD % version("shield"))
    errors = written = 0
    for record, out in outs:
        if isinstance(record, Failure) or "error" in out:
            errors += 1
            typer.echo(f"error: {out['error']}", err=True)
            continue
        entry = har.write_entry(record.source, record.form, out)
        stream.write((",\n" if written else "") + json.dumps(entry))
        written += 1
    stream.write(har.TAIL)
    return errors


def _write_table(outs: Outs, stream: TextIO) -> int:
    """A line for each message that was not simply passed on, then a sum for each company."""
    from shield.cli.replay_table import Sums

    sums = Sums(stream)
    for record, out in outs:
        sums.add(record, out)
    sums.finish()
    return sums.errors


_WRITERS = {Format.table: _write_table, Format.jsonl: _write_jsonl, Format.har: _write_har}
