"""``shield explain``: everything that Shield thinks about one message."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from shield.cli.border import guarded
from shield.cli.options import AsJson, Config, Facts, Rules

if TYPE_CHECKING:
    from shield.replay.record import Record
    from shield.replay.run import Run

_MARGIN = " " * 12


@guarded
def explain(
    what: Annotated[str, typer.Argument(metavar="URL|FILE.http", help="An address, or a file with a whole request.")],
    page: Annotated[str | None, typer.Option("--page", metavar="URL", help="The page that sends it.")] = None,
    kind: Annotated[
        str | None, typer.Option("--type", metavar="TYPE", help="What it is for: document, script, image, xhr ...")
    ] = None,
    facts: Facts = None,
    rules: Rules = None,
    config: Config = None,
    reveal: Annotated[bool, typer.Option("--reveal", help="Show the message as it came and as it leaves.")] = False,
    as_json: AsJson = False,
) -> None:
    """Say what Shield makes of one message: who is asked, what was found, which rule won and what it beat.

    \b
    Example:
      shield explain 'https://www.google-analytics.com/g/collect?v=2&cid=111.222' --page https://shop.example/

    \b
    request.http:
      POST https://www.google-analytics.com/g/collect?v=2
      content-type: text/plain

      en=page_view&cid=111.222

    Nothing is sent. Fields are named by their address, rules by file and line; values stay hidden unless you ask
    with --reveal. An address alone is a GET without headers: --page and --type say what a browser would.
    """
    record = _record(what, page, kind)
    told = _told(_run(facts, rules, config), record, reveal=reveal)
    if as_json:
        from shield.cli.screen import print_json

        print_json(told)
    else:
        _show(told)


def _text(path: Path) -> str:
    from shield.errors import InputError

    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise InputError(f"{path} is not UTF-8", "what holds other bytes: shield replay, body_base64") from None


def _record(what: str, page: str | None, kind: str | None) -> Record:
    """The message to be explained.

    Raises:
        InputError: neither an address nor a readable file.
    """
    from shield.errors import InputError
    from shield.message import Request
    from shield.replay.record import RecordError, read_record, write_body, write_headers
    from shield.transcript import read_request

    form: dict[str, Any] = {"method": "GET", "url": what}
    if "://" not in what:
        if not Path(what).is_file():
            raise InputError("this is neither an address nor a file", "shield explain https://shop.example/")
        request: Request = read_request(_text(Path(what)))
        body = write_body(request.body)
        form = {"method": request.method, "url": request.url, "headers": write_headers(request.headers), **body}
    stated = {key: value for key, value in (("page", page), ("type", kind)) if value is not None}
    try:
        return read_record({**form, **stated}, 1)
    except RecordError as error:
        raise InputError(str(error), "shield explain --help") from None


def _run(facts: Path | None, rules: Path | None, config: Path | None) -> Run:
    from shield.cli.home import load_policy, person_for_replay
    from shield.replay.run import Run

    person, make_persona = person_for_replay(facts)
    return Run(load_policy(rules, config), person, make_persona=make_persona)


def _told(run: Run, record: Record, *, reveal: bool) -> dict[str, Any]:
    """Plain data: what policy has to say, and what became of the message."""
    from shield.finding import Forward
    from shield.policy.decide import Decided
    from shield.policy.explain import explain as told_by_policy
    from shield.replay.record import write_request

    outcome, engine_us = run.outcome(record)
    context = outcome.context
    decided = Decided(outcome.verdict, outcome.decisions, (), outcome.guard, outcome.covered)
    leaves = write_request(record, outcome.message) if isinstance(outcome.verdict, Forward) else None
    shown = {"came": write_request(record, record.request), "leaves": leaves} if reveal else {}
    return told_by_policy(decided, context, run.opens(record.request.host)) | {
        "method": context.method,
        "page_site": context.site_domain,
        "persona": context.persona_scope,
        "modified": outcome.modified,
        "changes": [{"at": one.at, "did": one.did, "rule": one.rule} for one in outcome.changes],
        "engine_us": engine_us,
        **shown,
    }


def _show(told: dict[str, Any]) -> None:
    """The same in lines for people."""
    say = typer.echo
    asked, opened = told["asked"], told["opened"]
    say(f"{told['method']} {asked['host']}")
    for word in ("came", "leaves"):
        _show_message(word, told.get(word))
    say(f"  opened    {'yes' if opened['opened'] else 'no'}: {_reason(opened['because'])}")
    say(f"  service   {asked['service'] or 'unknown'}" + (f" of {asked['company']}" if asked["company"] else ""))
    say(f"  purpose   {asked['purpose'] or 'unknown'}")
    say(f"  party     {asked['party']}" + (f" on {told['page_site']}" if told["page_site"] else ""))
    say("  persona   " + (told["persona"] if told["persona"][-1:] != "|" else "nobody's, for the site is unknown"))
    say(f"  verdict   {told['verdict']}: {_reason(told['because'])}")
    _beaten(told["because"])
    if told["guard"]:
        say(f"  guard     {told['guard']['rule']} ({told['guard']['where']}): the message is left alone")
    for question in told.get("questions", ()):
        say(f"  asks      {question['category']} at {question['at']}; otherwise {question['otherwise']}")
    shown: set[tuple[str, int, int]] = set()
    for finding in told["findings"]:  # kept ones come first; what only says the same of the same span is left out
        place = (finding["at"], *finding["span"])
        if not (finding["covered"] and finding["whose"] == "unknown" and place in shown):
            _show_finding(finding)
        shown.add(place)
    if not told["findings"] and not told["guard"] and told["verdict"] == "forward":
        say("  found     nothing personal")
    for change in told["changes"]:
        if change["did"] == "added":
            say(f"  added     {change['at']} ({change['rule']})")


def _show_message(word: str, form: dict[str, Any] | None) -> None:
    """Address and body; headers only with --json, they are long and mostly the same."""
    if form is None:
        return
    typer.echo(f"  {word:9} {form['url']}")
    for line in (form.get("body") or "").splitlines():
        typer.echo(_MARGIN + line)


def _show_finding(finding: dict[str, Any]) -> None:
    start, end = finding["span"]
    disguise = f", as {finding['disguise']}" if finding["disguise"] else ""
    typer.echo(f"  found     {finding['category']} ({finding['whose']}{disguise}) at {finding['at']} [{start}:{end}]")
    action = f"{finding['action']} to {finding['to']}" if finding["to"] else finding["action"]
    inside = " with what it lies in" if finding["covered"] else ""
    typer.echo(f"{_MARGIN}{action}{inside}: {_reason(finding['because'])}")
    _beaten(finding["because"])


def _beaten(because: dict[str, Any]) -> None:
    for one in because["beat"]:
        typer.echo(f"{_MARGIN}beat {one['action'] or one['layer']}: {_named(one)}")


def _reason(because: dict[str, Any]) -> str:
    return ", because ".join(part for part in (_named(because), because["why"]) if part)


def _named(because: dict[str, Any]) -> str:
    """``ga4-client-id (google.yaml:41)``, or the layer where no rule speaks."""
    name = because["rule"] or because["layer"]
    return f"{name} ({because['where']})" if because["where"] else str(name)
