"""Fixed salts: what some companies put around a value before they make a digest of it, the same for everybody.

They are entries of ``salts.yaml`` beside this file, read once, as the code is; the file says what an entry holds. Each
becomes a step that may stand in ``Disguise.before``: ``salt NAME``.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Final

import yaml

_NAME: Final = re.compile(r"[a-z0-9-]{1,40}")
_KEYS: Final = frozenset({"name", "before", "after", "source"})


def read_salts(text: str) -> dict[str, Callable[[bytes], bytes]]:
    """The steps of a file's entries, by name.

    Raises:
        ValueError: an entry has an unknown key, no name of its own, or nothing to put around the value.
    """
    steps: dict[str, Callable[[bytes], bytes]] = {}
    for entry in (yaml.safe_load(text) or {}).get("salts") or ():
        name, before, after = (str(entry.get(key) or "") for key in ("name", "before", "after"))
        if set(entry) - _KEYS or not _NAME.fullmatch(name) or f"salt {name}" in steps or not before + after:
            raise ValueError(f"salts.yaml: entry {len(steps) + 1} needs a name of its own, and before or after")
        steps[f"salt {name}"] = _around(before.encode(), after.encode())
    return steps


def _around(before: bytes, after: bytes) -> Callable[[bytes], bytes]:
    def salted(data: bytes) -> bytes:
        return before + data + after

    return salted


SALTS: Final[Mapping[str, Any]] = read_salts(Path(__file__).with_name("salts.yaml").read_text(encoding="utf-8"))
"""Step -> what it does to the bytes that a digest is made of."""
