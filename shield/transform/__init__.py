"""Decisions become edits: strip, generalize, pseudonymize, add."""

from shield.transform.plan import Change, Plan, plan

__all__ = ["Change", "Plan", "plan"]
