"""Which regular expressions are taken; and that those that are do not take longer than their value is long."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.pattern import whole
from shield.policy.linear import check

TAKEN = [
    "[0-9]{5,20}", ".*", "foo.*", ".*foo.*", ".+@.+", "[^@]+@[^@]+", "(a|b)*c", r"GA1\.[0-9]\.([0-9]+)\.[0-9]+",
    "(?i)abc",
    "a|b|c.*", "(?:[0-9a-f]{4}-){3}[0-9a-f]+", "[a-z][a-z0-9_]*([.][a-zA-Z0-9_]+)+", ".*(Login|SignIn|Two|Check).*",
    "^a+$",
    ".*Upload.*|.*Importer.*", r"\d+\D+", "", "a{3}", "((a?b)*c)*", "a*+b", "(?>a*)b",
]  # fmt: skip
REFUSED = [
    "(a+)+b", "(a|a)*", "(a?){50}", "(a*)*", "((a?b?)*c)*", "a*a*", ".*x.*y", ".*x[a-z]*!", "a{1,500}a{1,500}",
    r"(a)\1", "(?=a)b",
    "(?<!a)b", "(?P<n>a)(?P=n)", "(?i:abc)", "(?m)a", "(", "a**", "x" * 1001, "(" * 400 + ")" * 400 + "(",
    "(a)?(?(1)b|c)",
]  # fmt: skip


@pytest.mark.parametrize("expression", TAKEN)
def test_taken(expression: str) -> None:
    """Linear, and compiled."""
    check(expression)
    whole(expression)


@pytest.mark.parametrize("expression", REFUSED)
def test_refused(expression: str) -> None:
    """With a reason in words."""
    with pytest.raises(ValueError, match=r"linear|regular expression|flags|characters"):
        check(expression)


ATOMS = st.sampled_from(["a", "b", ".", "[ab]", "[^a]", "ab", "(a|b)", "(ab|c)"])
PARTS = st.tuples(ATOMS, st.sampled_from(["", "*", "+", "?", "{2}", "{1,3}"])).map("".join)
EXPRESSIONS = st.recursive(
    st.lists(PARTS, min_size=1, max_size=4).map("".join),
    lambda inner: st.tuples(inner, st.sampled_from(["*", "+", "?", ""])).map(lambda one: f"(?:{one[0]}){one[1]}"),
    max_leaves=4,
)


@settings(max_examples=300, deadline=None)
@given(EXPRESSIONS, st.sampled_from(["a", "b", "ab", "aab", "c"]), st.sampled_from(["", "!", "b"]))
def test_whatever_is_taken_is_quick_on_long_values(expression: str, unit: str, end: str) -> None:
    """A quadratic one among them would hold this test up for minutes."""
    try:
        check(expression)
    except ValueError:
        return
    whole(expression).match(unit.encode() * 20_000 + end.encode())
