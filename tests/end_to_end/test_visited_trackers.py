"""The running proxy remembers which documents a client opened, and where redirects led it."""

from __future__ import annotations

from typing import Any

from tests.end_to_end.origins import Origin

MAIL = "anna@real.example"
TYPED = {"sec-fetch-dest": "document", "sec-fetch-site": "none", "sec-fetch-mode": "navigate"}
OWN = {"sec-fetch-dest": "empty", "sec-fetch-site": "same-origin"}


async def test_what_a_visited_tracker_asks_for_and_what_its_frame_does(h1: Origin, run: Any) -> None:
    """The same request twice; only behind a page that was opened it is the person's own business."""
    here = await run(h1)
    asked = [
        (f"https://tracker.example/a?mail={MAIL}", {"accept": "text/html"}),
        (f"https://tracker.example/a.html?mail={MAIL}", {"origin": "null"}),
        (f"https://tracker.example/x?mail={MAIL}", {**OWN, "referer": "https://tracker.example/home"}),
        ("https://tracker.example/home", TYPED),
        (f"https://tracker.example/x?mail={MAIL}", {**OWN, "referer": "https://tracker.example/home"}),
        (f"https://tracker.example/x?mail={MAIL}", {**OWN, "referer": "https://tracker.example/frame"}),
    ]
    async with here.client() as client:
        for url, headers in asked:
            response = await client.get(url, headers=headers)
            assert response.status_code == 200
    leaks = [MAIL.encode() in (await h1.settled(number)).target for number in range(len(asked))]
    assert leaks == [False, False, False, False, True, False]


async def test_a_chain_of_redirects_is_no_visit(h1: Origin, run: Any) -> None:
    """A shop leads on to a tracker; browsers still say that nobody led them."""
    spelled = f"https://u@TRACKER.example:443/x/../land?mail={MAIL}"
    h1.replies[b"/go"] = (302, [(b"location", spelled.encode())], b"")
    here = await run(h1)
    async with here.client() as client:
        await client.get("https://shop.example/go", headers=TYPED)
        for _ in range(2):
            await client.get(f"https://tracker.example/land?mail={MAIL}", headers=TYPED)
        await client.get(f"https://ads.example/typed?mail={MAIL}", headers=TYPED)
    assert MAIL.encode() not in (await h1.settled(1)).target
    assert MAIL.encode() not in (await h1.settled(2)).target
    assert MAIL.encode() in (await h1.settled(3)).target
