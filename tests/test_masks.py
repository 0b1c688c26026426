"""Masks: which value they are of, and how another one is masked alike."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.masks import fits, is_mask, masked_like


@pytest.mark.parametrize(
    ("mask", "real", "other", "becomes"),
    [
        ("a***@r***.example", "anna@real.example", "lena@mail.example", "l***@m***.example"),
        ("a**a@****.example", "anna@real.example", "berta@mail.example", "b***a@****.example"),
        ("+49 151 *****678", "+4915112345678", "+4917139200123", "+49 171 *****123"),
        ("**** **** **** 1111", "4111111111111111", "4222222222222222", "**** **** **** 2222"),
        ("An** Sch****", "Anna Schmidt", "Lena Wagner", "Le** Wag***"),
    ],
)
def test_masks(mask: str, real: str, other: str, becomes: str) -> None:
    """Shown letters stay shown, hidden ones hidden."""
    assert is_mask(mask)
    assert fits(mask, real)
    assert not fits(mask, other)
    assert masked_like(mask, real, other) == becomes


@pytest.mark.parametrize("mask", ["****@****.**", "a***", "b***@r***.example", "a***@r***.example.org", "5/5 ** stars"])
def test_masks_of_nobody(mask: str) -> None:
    """They show nothing, or something else."""
    assert not fits(mask, "anna@real.example")


@settings(max_examples=100, deadline=None)
@given(mask=st.text("a*@. +4", max_size=30), real=st.text(max_size=20), other=st.text(max_size=20))
def test_any_mask_is_looked_at(mask: str, real: str, other: str) -> None:
    """Nothing raises."""
    fits(mask, real)
    masked_like(mask, real, other)
