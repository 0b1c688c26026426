"""The demo's screen: the tables and claims as rich renderables."""

from __future__ import annotations

from collections.abc import Iterator

from rich.box import SIMPLE_HEAD
from rich.console import RenderableType
from rich.table import Table
from rich.text import Text

from shield.demo.result import Claim, DemoResult, Row

LONGEST_VALUE = 32


def show(result: DemoResult) -> Iterator[RenderableType]:
    """What to print, from top to bottom."""
    for company, rows in result.tables.items():
        yield _table(company, rows)
    failed = [claim for claim in result.claims if not claim.ok]
    yield from (_claim(claim) for claim in failed or _summary(result))
    yield _last_line(result, len(failed))


def _table(company: str, rows: tuple[Row, ...]) -> Table:
    title = "Other sites" if company == "others" else company
    table = Table(title=title, title_justify="left", title_style="bold", pad_edge=False, box=SIMPLE_HEAD)
    for name in ("what the browser did", "sent", "arrived", "where", "rule"):
        table.add_column(name, overflow="ellipsis", no_wrap=True, min_width=17 if name == "where" else 10)
    before = ""
    for row in rows:
        if row.at and row.step != before:
            table.add_row(Text(row.step), Text(row.message), Text("edited", style="yellow"))
        before = row.step
        table.add_row(Text(f"  {row.at}" if row.at else row.step), *_values(row), *_rule(row))
    return table


def _values(row: Row) -> tuple[Text, Text]:
    """What was sent and what arrived, from a little before the place where they differ."""
    if row.arrived is None:
        return Text(_short(row.sent)), Text("gone" if row.at else "nothing", style="green")
    if not row.at:
        return Text(row.sent), Text(row.arrived, style="cyan")
    same = next((at for at, (one, other) in enumerate(zip(row.sent, row.arrived, strict=False)) if one != other), 0)
    begin = max(0, same - 10) if same > LONGEST_VALUE - 10 else 0
    return Text(_short(row.sent, begin)), Text(_short(row.arrived, begin), style="green")


def _rule(row: Row) -> tuple[Text, Text]:
    return Text(row.where or row.rule, style="dim"), Text(row.rule if row.where else "")


def _short(value: str, begin: int = 0) -> str:
    shown = f"…{value[begin:]}" if begin else value
    return shown if len(shown) <= LONGEST_VALUE else shown[: LONGEST_VALUE - 1] + "…"


def _summary(result: DemoResult) -> tuple[Claim, ...]:
    """The claims about the whole trip; those about single steps stand in the tables."""
    return tuple(claim for claim in result.claims if ": " not in claim.text)


def _claim(claim: Claim) -> Text:
    mark = Text("ok    " if claim.ok else "FAILED ", style="green" if claim.ok else "bold red")
    return mark.append(claim.text, style="default").append(
        f" ({claim.detail})" if not claim.ok and claim.detail else ""
    )


def _last_line(result: DemoResult, failed: int) -> Text:
    count = len(result.claims)
    told = f"{count} of {count} checks hold" if not failed else f"{failed} of {count} checks failed"
    return Text(f"{told}, {result.seconds:.1f} s, no network used", style="bold" if not failed else "bold red")
