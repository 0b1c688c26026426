"""``shield rules``: check, try and understand rule files."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

from shield.cli.border import FOUND, guarded, stop
from shield.cli.options import AsJson, Config, Rules

if TYPE_CHECKING:
    from shield.policy.rule import Policy, Rule

app = typer.Typer(
    no_args_is_help=True,
    rich_markup_mode=None,
    help="""Rules: check them, run their examples, see which there are and why.

    \b
    Example:
      shield rules check
      shield rules test
      shield rules list --company Google
      shield rules why ga4-client-id

    Your own rules go into the folder rules in your home folder (shield doctor names it); they win over the
    shipped ones. docs/rules.md describes the language.
    """,
)


@app.command(short_help="Read all rule files; say what is wrong, and where.")
@guarded
def check(rules: Rules = None, config: Config = None) -> None:
    """Read all rule files and say what is wrong, with file, line and column.

    \b
    Example:
      shield rules check
      shield rules check --rules ./rules

    Every mistake of every file is told at once. shield run keeps the old rules while new ones have mistakes.
    """
    from shield.cli.home import load_policy

    policy = load_policy(rules, config)
    typer.echo(f"{len(policy.rules)} rules and {len(policy.services)} services are in order")


@app.command("test")
@guarded
def run_examples(rules: Rules = None, config: Config = None, as_json: AsJson = False) -> None:
    """Run the examples that lie in the rules through the engine.

    \b
    Example:
      shield rules test --rules ./rules

    An example is a request and what has to become of it; a rule without one is only a claim.
    Exit status 1 if an example is not true.
    """
    from shield import examples
    from shield.cli.home import load_policy
    from shield.cli.screen import print_json

    policy = load_policy(rules, config)
    results, changed = examples.run(policy), examples.overrides(policy)
    wrong = [result for result in results if not result.ok]
    if as_json:
        told = [{"rule": one.rule, "where": one.where, "ok": one.ok, "message": one.message} for one in results]
        print_json({"examples": told, "overrides": [one.where for one in changed]})
    else:
        for result in wrong:
            typer.echo(f"{result.where}: {result.rule}: {result.message}")
        for result in changed:
            typer.echo(f"{result.where}: {result.rule}: your rules make this example untrue")
        typer.echo(f"{len(results) - len(wrong)} of {len(results)} examples hold")
    if wrong:
        raise typer.Exit(FOUND)


@app.command("list")
@guarded
def list_(
    company: Annotated[
        str | None, typer.Option("--company", metavar="NAME", help="Only rules for services of this company.")
    ] = None,
    service: Annotated[
        str | None, typer.Option("--service", metavar="NAME", help="Only rules that name this service.")
    ] = None,
    action: Annotated[
        str | None, typer.Option("--action", metavar="ACTION", help="Only rules with this action, or guard.")
    ] = None,
    rules: Rules = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """List the rules in force, in the order of files and lines.

    \b
    Example:
      shield rules list --company Google --action block

    A guard is a rule that leaves a message alone, so that signing in and paying keep working.
    """
    from shield.cli.home import load_policy
    from shield.cli.screen import print_json, table

    policy = load_policy(rules, config)
    rows = [_row(rule) for rule in policy.rules if _wanted(rule, policy, company, service, action)]
    if as_json:
        print_json(rows)
    elif not rows:
        typer.echo("no rule fits; without options all are listed")
    else:
        table(("rule", "does", "layer", "where it stands", "why"), [list(row.values()) for row in rows])


def _row(rule: Rule) -> dict[str, str]:
    does = "guard" if rule.untouched else rule.action
    place = f"{Path(rule.file).name}:{rule.line}"
    return {"rule": rule.id, "does": does, "layer": rule.layer, "where": place, "why": rule.why}


def _wanted(rule: Rule, policy: Policy, company: str | None, service: str | None, action: str | None) -> bool:
    if action and action != ("guard" if rule.untouched else rule.action):
        return False
    services = {name for condition in rule.where for name in condition.service}
    if service and service not in services:
        return False
    if not company:
        return True
    companies = {one.company.casefold() for one in policy.services if one.name in services}
    companies |= {name.casefold() for condition in rule.where for name in condition.company}
    return company.casefold() in companies


@app.command()
@guarded
def schema(
    config: Annotated[bool, typer.Option("--config", help="The schema of shield.yaml instead.")] = False,
) -> None:
    """Print the JSON Schema of rule files, for completion in editors.

    \b
    Example:
      shield rules schema > rules.schema.json

    \b
    Name it in the first line of a rule file:
      # yaml-language-server: $schema=rules.schema.json
    """
    from shield.data import data_path

    name = "shield.schema.json" if config else "rules.schema.json"
    typer.echo(data_path(f"schema/{name}").read_text(encoding="utf-8"), nl=False)


@app.command(short_help="Say what one rule is for and where it stands.")
@guarded
def why(
    rule: Annotated[str, typer.Argument(metavar="RULE", help="The rule's id, as shield rules list names it.")],
    rules: Rules = None,
    config: Config = None,
    as_json: AsJson = False,
) -> None:
    """Say what one rule is for, where it stands, what it needs and what it can beat.

    \b
    Example:
      shield rules why ga4-client-id

    For one message instead of one rule: shield explain URL.
    """
    from shield.cli.home import load_policy
    from shield.cli.screen import print_json

    policy = load_policy(rules, config)
    found = next((one for one in policy.rules if one.id == rule), None)
    if found is None:
        _unknown(rule, policy)
    told = _told(found, policy)
    if as_json:
        print_json(told)
        return
    typer.echo(f"{found.id}: {found.why}")
    for key, value in told.items():
        if key not in ("rule", "why") and value not in (None, "", []):
            typer.echo(f"  {key + ':':12} {value if isinstance(value, str) else '; '.join(value)}")


def _unknown(rule: str, policy: Policy) -> NoReturn:
    from difflib import get_close_matches

    close = get_close_matches(rule, [one.id for one in policy.rules], 1)
    stop(f"there is no rule '{rule}'", f"did you mean '{close[0]}'?" if close else "shield rules list")


def _told(rule: Rule, policy: Policy) -> dict[str, Any]:
    return {
        "rule": rule.id,
        "why": rule.why,
        "stands at": f"{rule.file}:{rule.line}",
        "layer": rule.layer,
        "does": _does(rule),
        "where": [_condition(condition) for condition in rule.where],
        "unless": [_condition(condition) for condition in rule.unless],
        "lifts": rule.lifts,
        "until": rule.until.isoformat() if rule.until else None,
        "examples": f"{len(rule.examples)}" if rule.examples else "none",
        "note": _note(rule, policy),
    }


def _does(rule: Rule) -> str:
    if rule.untouched:
        return "leaves the message alone" + (" once it has seen it" if rule.untouched == "seen" else "")
    parts = (rule.action, rule.category, rule.to and "to " + ", ".join(rule.to), rule.scope and f"per {rule.scope}")
    return " ".join(part for part in parts if part)


def _condition(condition: Any) -> str:
    """The stated parts of a condition, in the words of the rule file."""
    from dataclasses import fields

    stated = []
    for one in fields(condition):
        value = getattr(condition, one.name)
        if value and not (one.name == "direction" and value == "request"):
            stated.append(f"{one.name} {_plain(value)}")
    return ", ".join(stated) or "every message"


def _plain(value: Any) -> str:
    if isinstance(value, tuple):
        return " | ".join(_plain(member) for member in value)
    for name in ("text", "pattern", "address"):
        inner = getattr(value, name, None)
        if inner is not None:
            return inner.decode("latin-1") if isinstance(inner, bytes) else _plain(inner)
    return str(value)


def _note(rule: Rule, policy: Policy) -> str:
    if rule.untouched == "always" and policy.never:
        kept = " and ".join(sorted(policy.never))
        return f"a guarded message is not opened, so what you never share ({kept}) is not looked for in it"
    lifted = [one.id for one in policy.rules if one.lifts == rule.id]
    return f"lifted in part by {', '.join(lifted)}" if lifted else ""
