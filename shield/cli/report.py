"""``shield report``: what was sent, replaced, withheld and blocked."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from shield.cli.border import guarded, stop
from shield.cli.options import AsJson

if TYPE_CHECKING:
    from shield.ledger.evidence import Link, Place
    from shield.ledger.summary import CompanySummary

_MOST = 20
"""Lines of what was learned; the rest is a number, and in the JSON."""
_UNITS = {"h": "hours", "d": "days", "w": "weeks"}


@guarded
def report(
    since: Annotated[
        str | None, typer.Option("--since", metavar="WHEN", help="2026-11-01, or 12h, 7d, 4w ago. [default: all]")
    ] = None,
    until: Annotated[str | None, typer.Option("--until", metavar="WHEN", help="Up to then; same form.")] = None,
    company: Annotated[str | None, typer.Option("--company", metavar="NAME", help="Only this company.")] = None,
    as_json: AsJson = False,
) -> None:
    """Sum up the ledger: per company and kind of data, how often it was sent, replaced, withheld, blocked.

    \b
    Example:
      shield report --since 7d
      shield report --since 7d --json        (with the terms of the W3C Data Privacy Vocabulary)

    The first numbers count messages: all, and those stopped wholly. The others count pieces of data in them.
    The ledger holds no values, so the report holds none. Messages of hosts that Shield passes through unopened
    are not in it. Observed messages (shield run --observe) have rows of their own: these left as they were, and
    the numbers say what would have become of them.

    Below stand the identifiers that stay the same and that no rule names (shield rules suggest writes rules for
    them), and what several companies got alike.
    """
    from shield.cli.home import home
    from shield.ledger.summary import summarize

    summary = summarize(home().ledger, since=_when(since), until=_when(until))
    chosen = [one for one in summary.companies if _is(company, one.name)]
    places, links = _learned(_when(since), company)
    if as_json:
        from shield.cli.screen import print_json

        print_json({
            "companies": [one.as_json() for one in chosen], "lost": summary.lost,
            "identifiers": [one.as_json() for one in places], "linked": [one.as_json() for one in links],
        })  # fmt: skip
        return
    _show(chosen, summary.lost)
    _show_learned(places, links)


def _is(wanted: str | None, name: str) -> bool:
    return wanted is None or name.casefold() == wanted.casefold()


def _learned(since: datetime | None, company: str | None) -> tuple[list[Place], list[Link]]:
    """What no rule names, and what reached several companies. While the rules have mistakes nothing counts as named."""
    from shield.cli.home import home, load_policy
    from shield.errors import RuleErrors
    from shield.ledger.reader import Reader
    from shield.policy.rule import Policy
    from shield.suggest import unnamed

    try:
        policy = load_policy()
    except RuleErrors:
        policy = Policy()
    with Reader(home().ledger) as reader:
        places = [one for one in unnamed(policy, reader.places(since=since)) if _is(company, one.company)]
        links = [one for one in reader.links(since=since) if any(_is(company, two.company) for two in one.companies)]
    return places, links


def _show_learned(places: list[Place], links: list[Link]) -> None:
    from shield.cli.screen import table

    if places:
        rows = [(one.receiver, one.at, one.category, one.words) for one in places[:_MOST]]
        table(("receiver", "field", "looks like", "evidence"), rows, title="Identifiers that no rule names")
        more = f"{len(places) - _MOST} more (--json); " if len(places) > _MOST else ""
        typer.echo(f"{more}rules for them: shield rules suggest")
    if links:
        typer.echo("\nKnown to several companies")
        for one in links[:_MOST]:
            typer.echo(f"  {one.words}")
        if len(links) > _MOST:
            typer.echo(f"  {len(links) - _MOST} more (--json)")


def _show(chosen: list[CompanySummary], lost: int) -> None:
    from shield.cli.screen import table
    from shield.ledger.summary import FATES

    rows = [row for one in chosen for row in _rows(one)]
    if not rows:
        typer.echo("nothing in the ledger for that time")
    else:
        table(("receiver", "messages", "stopped", *FATES, "what was kept from it"), rows)
    watched = sum(one.observed for one in chosen)
    if watched:
        typer.echo(f"{watched} messages were only observed: they left as they were, whatever their row says")
    if lost:
        typer.echo(f"{lost} entries are missing: too many came at once, or the disk refused them")


def _rows(one: CompanySummary) -> Iterator[tuple[str, ...]]:
    """What was done to this receiver's messages, and what would have been done to those only observed."""
    acted = sum(one.messages.values()) - one.observed
    if acted:
        yield one.name, str(acted), str(one.blocked or ""), *_told(one, observed=False)
    if one.observed:
        yield f"{one.name} (observed)", str(one.observed), str(one.would_block or ""), *_told(one, observed=True)


def _told(one: CompanySummary, *, observed: bool) -> tuple[str, ...]:
    """How many pieces of data met each fate, and the categories of which something did not leave."""
    from shield.ledger.summary import FATES

    totals = (one.total(fate, observed=observed) for fate in FATES)
    met = (one.would if observed else one.data).items()
    kept = sorted(category for category, fates in met if any(fates.get(fate) for fate in FATES if fate != "sent"))
    return *(str(total or "") for total in totals), " ".join(kept)


def _when(text: str | None) -> datetime | None:
    from datetime import UTC, timedelta

    if text is None:
        return None
    ago = re.fullmatch(r"(\d{1,5})([hdw])", text)
    if ago:
        return datetime.now(UTC) - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
    try:
        return datetime.fromisoformat(text).astimezone(UTC)
    except ValueError:
        stop(f"'{text}' is no time", "a date like 2026-11-01, or how long ago: 12h, 7d, 4w")
