"""JSON Schemas of rule files and of the configuration, for completion in editors. Made from the forms.

``python -m shield.policy.schema [FOLDER]`` writes them; a test holds the files in ``schema/`` to them.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from shield.policy.conditions import DEFINITIONS as CONDITION_DEFINITIONS
from shield.policy.config import CONFIG, DEFINITIONS
from shield.policy.forms import Form
from shield.policy.rulefile import FILE

DIALECT: Final = "http://json-schema.org/draft-07/schema#"  # what yaml-language-server knows best


def schema() -> dict[str, Any]:
    """JSON Schema of a rule file."""
    return _of(FILE, "Shield rules", CONDITION_DEFINITIONS)


def config_schema() -> dict[str, Any]:
    """JSON Schema of the configuration."""
    return _of(CONFIG, "Shield configuration", DEFINITIONS)


def _of(form: Form, title: str, definitions: Mapping[str, Any]) -> dict[str, Any]:
    return {"$schema": DIALECT, "title": title, "definitions": definitions, **form.schema}


def texts() -> dict[str, str]:
    """The schema files: name to text."""
    both = {"rules.schema.json": schema(), "shield.schema.json": config_schema()}
    return {name: json.dumps(one, indent=1, ensure_ascii=False) + "\n" for name, one in both.items()}


def main(folder: Path) -> None:
    """Write the schema files into *folder*."""
    for name, text in texts().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "schema"))
