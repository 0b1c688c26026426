"""The schema files are what the forms say, and agree with the loader on the shipped files."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from shield.data import data_path
from shield.policy import schema
from shield.vocabulary import ACTIONS, CATEGORIES

RULES = sorted(data_path("rules").glob("*.yaml"))
CONFIGS = sorted(data_path("configs").glob("*.yaml"))
TYPES = {"string": str, "object": dict, "array": list, "integer": int, "number": (int, float), "boolean": bool}


@pytest.mark.parametrize("name", schema.texts())
def test_the_file_is_what_the_forms_say(name: str) -> None:
    """Else: python -m shield.policy.schema"""
    assert (data_path("schema") / name).read_text(encoding="utf-8") == schema.texts()[name]


def holds(value: Any, wanted: dict[str, Any], root: dict[str, Any]) -> bool:
    """As much of JSON Schema as ours use, written independently of them."""
    if "$ref" in wanted:
        wanted = root["definitions"][wanted["$ref"].removeprefix("#/definitions/")]
    kinds = wanted.get("type", [])
    kinds = [kinds] if isinstance(kinds, str) else kinds
    if kinds and not any(isinstance(value, TYPES[kind]) for kind in kinds):
        return False
    if "enum" in wanted and value not in wanted["enum"]:
        return False
    if "pattern" in wanted and not re.search(wanted["pattern"], value):
        return False
    if "anyOf" in wanted and not any(holds(value, one, root) for one in wanted["anyOf"]):
        return False
    if isinstance(value, list):
        return all(holds(one, wanted.get("items", {}), root) for one in value)
    if isinstance(value, dict):
        return _table_holds(value, wanted, root)
    return True


def _table_holds(value: dict[str, Any], wanted: dict[str, Any], root: dict[str, Any]) -> bool:
    known = wanted.get("properties", {})
    other = wanted.get("additionalProperties", {})
    if any(name not in value for name in wanted.get("required", ())):
        return False
    return all(
        holds(one, known[name], root) if name in known else other is not False and holds(one, other, root)
        for name, one in value.items()
    )


class Editor(yaml.SafeLoader):
    """YAML as editors see it: 1.2, so ``on`` is a text and there are no dates."""


Editor.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] not in ("tag:yaml.org,2002:bool", "tag:yaml.org,2002:timestamp")]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
Editor.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile("^(?:true|false)$"), list("tf"))


@pytest.mark.parametrize("path", RULES, ids=lambda path: path.name)
def test_an_editor_has_nothing_against_the_shipped_rules(path: Path) -> None:
    """What the loader takes, the schema takes."""
    root = schema.schema()
    value = yaml.load(path.read_text(encoding="utf-8"), Editor)
    for rule in value.get("rules", []):
        assert holds(rule, root["properties"]["rules"]["items"], root), rule["id"]
    assert holds(value, root, root)


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_an_editor_has_nothing_against_the_shipped_configurations(path: Path) -> None:
    """What the loader takes, the schema takes."""
    root = schema.config_schema()
    assert holds(yaml.load(path.read_text(encoding="utf-8"), Editor), root, root)


WRONG = [
    {"rules": [{"id": "a", "why": "b", "where": {"hosts": "x"}, "action": "block"}]},
    {"rules": [{"id": "a", "why": "b", "where": {}, "action": "blok"}]},
    {"rules": [{"id": "a", "where": {}, "action": "block"}]},
    {"services": {"x": {"on": [{"host": "a"}]}}},
    {"zzz": 1},
]


@pytest.mark.parametrize("value", WRONG)
def test_an_editor_marks_mistakes(value: dict[str, Any]) -> None:
    """Unknown keys, unknown words, missing reasons."""
    root = schema.schema()
    assert not holds(value, root, root)


def test_the_words_are_the_vocabulary() -> None:
    """Completion offers every action and category."""
    rule = schema.schema()["properties"]["rules"]["items"]["properties"]
    assert rule["action"]["enum"] == list(ACTIONS)
    assert rule["category"]["enum"] == list(CATEGORIES)
    assert json.loads(json.dumps(rule))
