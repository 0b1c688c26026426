"""Multipart bodies that pass: parts of the whole, photos in pieces, delimiters found at every cut."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shield.address import show_address
from shield.edits import Edits, rebuild
from shield.errors import Unwritable
from tests.wire.splitting.test_splitting import check_spans, fields, fragments, whole

KIND = b"multipart/form-data; boundary=XyZ"
FORM = (
    b"preamble --XyZ\r\n--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
    b"--XyZ\r\nContent-Disposition: form-data; name=\"j\"\r\nContent-Type: application/json\r\n\r\n{\"m\":[1]}\r\n"
    b"--XyZ\r\nContent-Disposition: form-data; name=\"f\"; filename=\"Anna.jpeg\"\r\nContent-Type: image/jpeg\r\n\r\n"
    b"\xff\xd8\r\n--XyZZ\r\n--Xy\r\n\r\n--XyZ\r\n\r\nnameless --XyZ\r\n\r\n--XyZ--\r\nepilogue\r\n--XyZ\r\n"
)  # fmt: skip
pieces = st.lists(
    st.sampled_from((
        b"--XyZ\r\n", b"\r\n--XyZ\r\n", b"\r\n--XyZ--\r\n", b"--XyZ", b"\r\n", b"\n", b"--", b"X", b"value",
        b'Content-Disposition: form-data; name="n"\r\n\r\n',
        b'Content-Disposition: form-data; name="f"; filename="x"\r\n',
        b"Content-Type: application/json\r\n\r\n", b'{"a":1}', b"a=1&b=2", b"--XyZ  \r\n",
    )), max_size=14,
).map(b"".join)  # fmt: skip
sizes = st.lists(st.integers(1, 40), min_size=1, max_size=4) | st.just([100_000])


def with_parts(found: list[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Without a body in which there is no part."""
    return [one for one in found if one[0] != "multipart:"]


@settings(max_examples=300, deadline=None)
@given(pieces | st.just(FORM), sizes, st.sampled_from((5, 60, 65_536)))
def test_the_fields_are_those_of_the_whole_parts(data: bytes, sizes: list[int], hold: int) -> None:
    """Every byte once; with room for each part also the same fields."""
    found = fragments(KIND, data, sizes, hold)
    for root in found:
        check_spans(root)
    assert b"".join(root.content for root in found) == data
    if hold > 1000:
        assert with_parts(fields(found)) == with_parts(whole(KIND, data))


def test_every_cut_of_a_form() -> None:
    """Two pieces, and pieces of one size."""
    expected = whole(KIND, FORM)
    assert [one[0] for one in expected] == [
        "multipart:a", "multipart:j/header:content-type", "multipart:j/json:/m/0", "multipart:f/header:filename",
        "multipart:f/header:content-type", "multipart:f", "multipart:3",
    ]  # fmt: skip
    for sizes in (*([at, 100_000] for at in range(1, len(FORM))), *([size] for size in range(1, 40))):
        assert fields(fragments(KIND, FORM, sizes)) == expected


@pytest.mark.parametrize("sizes", [[1], [7], [50], [100_000]])
def test_stripped_parts_leave_the_others(sizes: list[int]) -> None:
    """Each part alone, and all of them; values do not grow by a line end."""
    parts = ("multipart:a", "multipart:j", "multipart:f", "multipart:3")
    for gone in (*((one,) for one in parts), parts):
        passed = b""
        for root in fragments(KIND, FORM, sizes):
            items = [item for holder in root.children for item in holder.children]
            removed = {item for item in items if any(leaf_of(item).startswith(one) for one in gone)}
            passed += rebuild(root, Edits(removed=removed))
        kept = [one for one in whole(KIND, FORM) if not one[0].startswith(gone)]
        after = [value for at, value in whole(KIND, passed) if at != "multipart:"]
        assert after == [value for _, value in kept]


def leaf_of(item) -> str:  # type: ignore[no-untyped-def]
    """The address of a part by what lies in it."""
    return show_address(next(item.leaves()).address)


PHOTO = (
    b"--XyZ\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n"
    b"--XyZ\r\nContent-Disposition: form-data; name=\"f\"; filename=\"Anna.jpeg\"\r\nContent-Type: image/jpeg\r\n\r\n"
    + b"\xff\xd8\r\n--Xy\r\n" * 100
    + b"\r\n--XyZ\r\nContent-Disposition: form-data; name=\"t\"\r\n\r\n" + b"long text " * 50
    + b"\r\n--XyZ\r\nContent-Disposition: form-data; name=\"z\"\r\n\r\n2\r\n--XyZ--\r\n"
)  # fmt: skip


@pytest.mark.parametrize("size", [1, 3, 64, 1000])
def test_a_photo_passes_in_pieces(size: int) -> None:
    """Head first, then its body; texts in pieces can be edited, and what follows is read."""
    roots = fragments(KIND, PHOTO, [size], hold=150)
    assert b"".join(root.content for root in roots) == PHOTO
    leaves = [leaf for root in roots for leaf in root.leaves() if leaf is not root]
    by_name: dict[str, list[bytes]] = {}
    for leaf in leaves:
        by_name.setdefault(show_address(leaf.address), []).append(leaf.content)
    assert by_name["multipart:f/header:filename"] == [b"Anna.jpeg"]
    assert b"".join(by_name["multipart:f"]) == b"\xff\xd8\r\n--Xy\r\n" * 100
    assert b"".join(by_name["multipart:t"]) == b"long text " * 50
    assert (by_name["multipart:a"], by_name["multipart:z"]) == ([b"1"], [b"2"])
    photo = [leaf for leaf in leaves if show_address(leaf.address) == "multipart:f"]
    assert all(leaf.unreadable for leaf in photo)
    texts = {leaf for leaf in leaves if show_address(leaf.address) == "multipart:t"}
    assert not any(leaf.unreadable for leaf in texts)
    passed = b"".join(rebuild(root, Edits(removed=texts)) for root in roots)
    assert (dict(whole(KIND, passed)).get("multipart:t", b""), dict(whole(KIND, passed))["multipart:z"]) == (b"", b"2")
    with pytest.raises(Unwritable):
        rebuild(photo[0].root, Edits(content={photo[0]: b"\r\n--XyZ--"}))


@pytest.mark.parametrize(
    "kind", [b"multipart/form-data", b"multipart/mixed; boundary=", b"multipart/form-data; boundary=a; boundary=b"]
)
def test_without_a_boundary_it_passes_raw(kind: bytes) -> None:
    """And says why."""
    (root,) = fragments(kind, FORM, [100_000])
    assert (root.children, bool(root.unreadable)) == ((), True)
