"""The one door to changing state, for whoever calls the engine.

The engine is a value: it is replaced whole when a rule file or the twin changes, and whoever took it finishes
with the one it took. What the engine says must be stored, is stored here before the message leaves.

Names are imported when they are asked for: a command that only needs to know where the twin lies does not wait
for the engine.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from shield.keeper.asking import Questions
    from shield.keeper.home import Home, default_home
    from shield.keeper.keeper import Keeper

__all__ = ["Home", "Keeper", "Questions", "default_home"]
_PLACES = {"Questions": "asking", "Home": "home", "default_home": "home", "Keeper": "keeper"}


def __getattr__(name: str) -> Any:
    if name not in _PLACES:
        raise AttributeError(f"module 'shield.keeper' has no attribute '{name}'")
    return getattr(import_module(f"shield.keeper.{_PLACES[name]}"), name)
