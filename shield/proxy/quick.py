"""Two things that mitmproxy does again and again for nothing, left out.

- Every request and response checks the types of all its fields when it is made (6 % of the time for 1 KB
  keep-alive); the check finds mistakes of programmers, and ``python -O`` leaves it out, too.
- Every look at an option copies its value deeply, a dozen times per message. Values that cannot change
  need no copy.
"""

from __future__ import annotations

import copy
from typing import Any

from mitmproxy import http, optmanager

from shield.proxy.patch import wrap

FIXED = (str, bool, int, type(None))


def install() -> None:
    """For the whole process, once."""
    if hasattr(http.MessageData, "__post_init__"):  # with -O it is not there
        wrap(http.MessageData, "__post_init__", lambda original: lambda self: None)
    wrap(optmanager._Option, "current", lambda original: _current)


def _current(self: Any) -> Any:
    value = self._default if self.value is optmanager.unset else self.value
    return value if isinstance(value, FIXED) else copy.deepcopy(value)
