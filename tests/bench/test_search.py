"""The search over everything costs the same among a million users as among a thousand."""

import pytest
from flask import Flask

from console.models import Admin, Role
from console.store import lookup
from tests import crowds, factories
from tests.bench.ratio import ratio
from tests.plans import reading_whole_lists
from tests.web.client import Browser

pytestmark = [pytest.mark.bench, pytest.mark.timeout(900)]

MOST = 3
SHORT, LONG = ("short.example", 1_000), ("long.example", 1_000_000)
TYPED = {
    "two letters that an address begins with": "us",
    "what every address begins with": "user",
    "what every address has": "ser0",
    "a few addresses": "{address}",
    "an alias": "alias{number}",
    "a name": "{word}",
    "a part of a name and an address": "{word} user",
    "an address": "user{number}@{name}",
    "an alias with a part of its domain": "alias{number}@{part}",
    "what nobody has": "nobody-is-called-so",
}


def test_a_search_among_a_million_takes_at_most_three_times_that_among_a_thousand(app: Flask, alice: Admin) -> None:
    """Whoever sees the short list alone is compared with whoever sees the long one, and with whoever sees both."""
    short, long = (crowds.crowd(name, count) for name, count in (SHORT, LONG))
    near = factories.admin("near@rollcall.example", Role.ADMIN, only=[short])
    far = factories.admin("far@rollcall.example", Role.ADMIN, only=[long])

    def words(name: str, number: int) -> dict[str, str]:
        text = f"{number:07d}"
        return {
            "name": name,
            "part": name[:6],
            "number": text,
            "address": f"user{text}"[:9],
            "word": crowds.word(number),
        }

    def search(browser: Browser, q: str) -> str:
        response = browser.get("/search/hits", query_string={"q": q})
        assert response.status_code == 200
        assert "Too many users" not in response.text
        return response.text

    browsers = {admin.email: Browser.of(app).signed_in(admin) for admin in (near, far, alice)}
    for browser in browsers.values():
        browser.checks = False
    here, there = words(SHORT[0], 501), words(LONG[0], 500_001)
    slow = {}
    for name, typed in TYPED.items():
        asked, floor = typed.format(**there), typed.format(**here)
        for who in (far, alice):
            measured = ratio(
                f"search for {name}, {'one of them' if who is far else 'all'}: 1,000,000 against 1,000",
                lambda q=asked, who=who: search(browsers[who.email], q),  # type: ignore[misc]
                lambda q=floor: search(browsers[near.email], q),  # type: ignore[misc]
                rounds=7,
            )
            if measured > MOST:
                slow[f"{name}, {who.email}"] = measured
    assert slow == {}
    for who in (far, alice):
        for typed in TYPED.values():
            asked = typed.format(**there)
            found = reading_whole_lists(
                lambda asked=asked, who=who: lookup.find(who, asked, users_limit=8, domains_limit=4)  # type: ignore[misc]
            )
            assert found == [], asked
